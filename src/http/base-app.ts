import { Hono } from "hono/tiny";
import { Problem } from "../platform/problem.ts";
import type { AppEnv } from "./context.ts";
import type { RenderError } from "./dialect.ts";
import { errorHandler, renderProblem } from "./errors.ts";
import { type LoggedShare, requestLog } from "./request-log.ts";
import { STRICT_HEADERS, securityHeaders } from "./security-headers.ts";

/**
 * An app without routes. Every answer has a request id, a log line and security headers; an error of a route that has no
 * dialect of its own, and an unknown path, are answered with problem details by default.
 */
export function baseApp(
  renderError: RenderError = renderProblem,
  loggedShare: LoggedShare = 1,
): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  const answerError = errorHandler(renderError);
  app.use(requestLog(loggedShare), securityHeaders(STRICT_HEADERS));
  app.onError(answerError);
  // Answered, not thrown: middleware does not run to its end when this throws.
  app.notFound((c) => answerError(unknownRoute(c.req.method), c));
  return app;
}

export function unknownRoute(method: string): Problem {
  return new Problem("not_found", { detail: `There is no ${method} here.` });
}
