import type { Context } from "hono";
import { log } from "../platform/log.ts";
import { isPlatformFault } from "../platform/platform-fault.ts";
import { PROBLEMS, Problem } from "../platform/problem.ts";
import type { AppEnv } from "./context.ts";
import type { Dialect, RenderError } from "./dialect.ts";

/** Where the `type` URIs of problems begin; the code follows. They are names, the same in every deployment. */
const TYPE_BASE = "urn:sandi:problem:";

/** The dialect of this API: problem details (RFC 9457), `Retry-After` and the RateLimit fields. */
export const renderProblem: RenderError = ({ code, extras }, requestId) => {
  const [status, title] = PROBLEMS[code];
  const {
    detail = `${title}.`,
    errors,
    retryAfterSeconds,
    limit,
    provider,
    identityChanged,
    verification,
  } = extras;
  const headers = new Headers({ "content-type": "application/problem+json" });
  if (status === 401) headers.set("www-authenticate", 'Bearer realm="sandi"');
  if (retryAfterSeconds !== undefined) headers.set("retry-after", String(retryAfterSeconds));
  if (limit !== undefined) {
    headers.set("ratelimit-policy", `"${limit.name}";q=${limit.quota};w=${limit.windowSeconds}`);
    headers.set("ratelimit", `"${limit.name}";r=0;t=${retryAfterSeconds ?? limit.windowSeconds}`);
  }
  const body = {
    type: TYPE_BASE + code,
    title,
    status,
    detail,
    code,
    request_id: requestId,
    errors,
    provider,
    verification,
    identity_changed: identityChanged || undefined,
  };
  return Response.json(body, { status, headers });
};

export const NATIVE_DIALECT: Dialect = {
  prefix: "/v1",
  renderError: renderProblem,
};

/** Answers errors in a dialect. An unexpected error is logged; the caller only learns that it happened. */
export function errorHandler(render: RenderError) {
  return (error: unknown, c: Context<AppEnv>): Response => {
    const requestId = c.get("requestId");
    const problem = problemOf(error);
    if (problem !== error) {
      const message =
        problem.code === "unavailable" ? "The platform failed a request" : "A request failed unexpectedly";
      log("error", message, { requestId, error: describe(error) });
    }
    c.set("outcome", problem.outcome);
    return render(problem, requestId, c.req.raw);
  };
}

/** When to come back after a fault of the platform: an object restarts, and a network recovers, within seconds. */
const UNAVAILABLE_SECONDS = 5;

/** What an error is answered with: itself, if it is a problem. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return isPlatformFault(error)
    ? new Problem("unavailable", { retryAfterSeconds: UNAVAILABLE_SECONDS })
    : new Problem("internal");
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
