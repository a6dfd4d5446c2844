import { Hono } from "hono";
import type { AppEnv } from "../app-env.ts";
import type { Endpoint } from "../v1/endpoint.ts";
import { describeApi, type OpenApiDocument } from "./openapi.ts";

export function documentation(endpoints: readonly Endpoint[]): Hono<AppEnv> {
  const door = new Hono<AppEnv>();
  let description: OpenApiDocument | undefined;
  door.get("/openapi.json", (c) => {
    // Made when somebody asks: most isolates never are.
    description ??= describeApi(endpoints);
    return c.json(description);
  });
  return door;
}
