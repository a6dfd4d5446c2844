import type { MiddlewareHandler } from "hono";
import { log } from "../platform/log.ts";
import type { AppEnv } from "./context.ts";

/** Of all requests, this share gets its line; 1 for all of them. Lines about faults are written in any case. */
export type LoggedShare = number;

/** Gives the request an id, which the answer carries as `X-Request-Id`, and writes one log line once it is answered. */
export function requestLog(share: LoggedShare): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const startedAt = Date.now();
    const requestId = requestIdOf(c.req.raw.headers.get("x-request-id"));
    c.set("requestId", requestId);
    await next();
    const { headers, status } = c.res;
    headers.set("x-request-id", requestId);
    const isFault = status >= 500;
    if (!isFault && share < 1 && Math.random() >= share) return;
    log(isFault ? "error" : "info", "request", {
      requestId,
      route: c.get("route") ?? "other",
      status,
      outcome: c.get("outcome") ?? "ok",
      caller: c.get("caller"),
      ms: Date.now() - startedAt,
      to: c.get("to"),
    });
  };
}

/** The id that the caller chose, which relates its log to ours, if it is safe to echo. */
function requestIdOf(given: string | null): string {
  return given !== null && /^[\w\-=]{1,255}$/.test(given) ? given : crypto.randomUUID();
}
