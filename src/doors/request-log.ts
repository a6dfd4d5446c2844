import type { MiddlewareHandler } from "hono";
import { log } from "../log.ts";
import type { AppEnv, RequestLog } from "./app-env.ts";

/** One line a request. The route is the pattern, never the path: paths carry ids and queries carry tokens. */
export function requestLog(): MiddlewareHandler<AppEnv> {
  return async function requestLog(c, next) {
    const startedAt = Date.now();
    const entry: RequestLog = {};
    c.set("log", entry);
    await next();
    const { status } = c.res;
    log(status >= 500 ? "error" : "info", "request", {
      requestId: c.get("requestId"),
      route: entry.route ?? "other",
      status,
      outcome: entry.outcome ?? "ok",
      ms: Date.now() - startedAt,
      ...(entry.to !== undefined && { to: entry.to }),
    });
  };
}
