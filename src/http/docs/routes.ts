import { Hono } from "hono/tiny";
import type { AppEnv } from "../context.ts";
import { ORIGIN } from "./origin.ts";

/** What the build has written, and how long a browser may keep it: null is until the next look. */
const FILES = {
  "/openapi.json": null,
  "/docs": null,
  // Its address changes with its content.
  "/docs/style.css": "public, max-age=31536000, immutable",
};

/** The API's description, at this deployment's origin: for programs at `/openapi.json`, for people at `/docs`. */
export function documentation(assets: Fetcher): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  for (const [path, caching] of Object.entries(FILES)) {
    app.get(path, async (c) => {
      c.set("route", `GET ${path}`);
      const { origin } = new URL(c.req.url);
      const file = await assets.fetch(new Request(new URL(path, origin), c.req.raw));
      // No body comes for HEAD, nor when the browser's copy is still the same.
      const answer = c.newResponse(file.body && (await file.text()).replaceAll(ORIGIN, origin), file);
      answer.headers.delete("content-length");
      if (caching !== null) answer.headers.set("cache-control", caching);
      return answer;
    });
  }
  return app;
}
