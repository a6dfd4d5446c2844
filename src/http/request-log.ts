import type { MiddlewareHandler } from "hono";
import { log } from "../platform/log.ts";
import type { AppEnv } from "./context.ts";

/** Gives the request an id, which the answer carries as `X-Request-Id`, and writes one log line once it is answered. */
export const requestLog: MiddlewareHandler<AppEnv> = async (c, next) => {
  const startedAt = Date.now();
  const requestId = requestIdOf(c.req.raw.headers.get("x-request-id"));
  c.set("requestId", requestId);
  await next();
  const { headers, status } = c.res;
  headers.set("x-request-id", requestId);
  log(status >= 500 ? "error" : "info", "request", {
    requestId,
    route: c.get("route") ?? "other",
    status,
    outcome: c.get("outcome") ?? "ok",
    caller: c.get("caller"),
    ms: Date.now() - startedAt,
    to: c.get("to"),
  });
};

/** The id that the caller chose, which relates its log to ours, if it is safe to echo. */
function requestIdOf(given: string | null): string {
  return given !== null && /^[\w\-=]{1,255}$/.test(given) ? given : crypto.randomUUID();
}
