import type { Context } from "hono";
import { Hono } from "hono/tiny";
import type { AppEnv } from "./context.ts";
import { STRICT_HEADERS } from "./security-headers.ts";

/**
 * What the build writes in place of addresses that only a request or the configuration knows. The top-level domain is
 * reserved for names that do not exist (RFC 6761, section 6.4).
 */
export const PLACEHOLDERS = {
  origin: "https://origin.invalid",
  simulator: "https://simulator.invalid",
} as const;

/** For files whose address changes with their content. */
const FOR_GOOD = { "cache-control": "public, max-age=31536000, immutable" } as const;

/** By path, headers of what the build writes. Without `Cache-Control`, browsers ask whether their copy is current. */
const FILES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "/openapi.json": {},
  "/docs": {
    "content-security-policy": `${STRICT_HEADERS["content-security-policy"]}; script-src 'self'`,
  },
  "/docs/style.css": FOR_GOOD,
  "/docs/script.js": FOR_GOOD,
};

/**
 * Serves what the build writes: the API's description at `/openapi.json`, its page at `/docs`, and the page that a
 * browser gets at `/`.
 *
 * @param simulator The address of the phone simulator, to which the page at `/` links in development; null otherwise.
 */
export function documentation(assets: Fetcher, simulator: string | null): Hono<AppEnv> {
  const app = new Hono<AppEnv>();

  const serve = async (c: Context<AppEnv>, path: string): Promise<Response> => {
    const { origin } = new URL(c.req.url);
    const file = await assets.fetch(new Request(new URL(path, origin), c.req.raw));
    // There is no body for HEAD, nor when the browser's copy is current.
    const text = file.body === null ? null : await file.text();
    const addressed = text
      ?.replaceAll(PLACEHOLDERS.origin, origin)
      .replaceAll(PLACEHOLDERS.simulator, simulator ?? "");
    const response = c.newResponse(addressed ?? null, file);
    response.headers.delete("content-length");
    return response;
  };

  for (const [path, headers] of Object.entries(FILES)) {
    app.get(path, async (c) => {
      c.set("route", `GET ${path}`);
      const response = await serve(c, path);
      for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
      return response;
    });
  }

  app.get("/", async (c) => {
    if (!acceptsHtml(c.req.raw)) return c.notFound();
    c.set("route", "GET /");
    const response = await serve(c, simulator === null ? "/" : "/development");
    response.headers.set("vary", "accept");
    return response;
  });

  return app;
}

/** Whether a browser navigates here. Other clients accept JSON, or everything. */
function acceptsHtml({ headers }: Request): boolean {
  return headers.get("accept")?.includes("text/html") === true;
}
