import { html } from "hono/html";
import { Hono } from "hono/tiny";
import type { AppEnv } from "../app-env.ts";
import type { Endpoint } from "../v1/endpoint.ts";
import type { OpenApiDocument } from "./components.ts";
import { describeApi } from "./openapi.ts";
import { Page } from "./page.tsx";
import { STYLESHEET, stylesheetAddress } from "./stylesheet.ts";

/** The API's description: for programs at `/openapi.json`, for people at `/docs`. */
export function documentation(endpoints: readonly Endpoint[]): Hono<AppEnv> {
  const door = new Hono<AppEnv>();
  let description: OpenApiDocument | undefined;
  function described(): OpenApiDocument {
    // Made when somebody asks: most isolates never are.
    description ??= describeApi(endpoints);
    return description;
  }

  door.get("/openapi.json", (c) => {
    c.var.log.route = "GET /openapi.json";
    return c.json(described());
  });

  door.get("/docs", (c) => {
    c.var.log.route = "GET /docs";
    const { origin } = new URL(c.req.url);
    const page = Page({ document: described(), endpoints, origin, stylesheet: stylesheetAddress() });
    return c.html(html`<!doctype html>${page}`);
  });

  door.get("/docs/style.css", (c) => {
    c.var.log.route = "GET /docs/style.css";
    c.header("content-type", "text/css; charset=utf-8");
    c.header("cache-control", "public, max-age=31536000, immutable");
    return c.body(STYLESHEET);
  });
  return door;
}
