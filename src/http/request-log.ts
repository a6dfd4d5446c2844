import { log } from "../platform/log.ts";
import type { RequestContext } from "./context.ts";

type Answer = (
  request: Request,
  notes: RequestContext,
  context: ExecutionContext,
) => Response | Promise<Response>;

/**
 * Nothing this service answers may be framed, run a script, or load anything but its own style sheet. What only
 * browsers of former times heed is left out: the policy says it to those of today, and each costs every answer.
 */
const HEADERS = Object.entries({
  "content-security-policy":
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "strict-transport-security": "max-age=15552000; includeSubDomains",
  "x-content-type-options": "nosniff",
});

/**
 * What surrounds every answer: the request's id, its log line, and the headers that no answer goes without. Around
 * Hono and not among its middleware, so that a request with one handler is a call and not a chain.
 */
export function withRequestLog(
  answer: Answer,
): (request: Request, context: ExecutionContext) => Promise<Response> {
  return async (request, context) => {
    const startedAt = Date.now();
    const requestId = requestIdOf(request.headers.get("x-request-id"));
    const notes: RequestContext = { requestId, route: "other", outcome: "ok", to: undefined };
    const response = await answer(request, notes, context);
    const { headers, status } = response;
    headers.set("x-request-id", requestId);
    for (const [name, value] of HEADERS) headers.set(name, value);
    // The route is the pattern, never the path: paths carry ids and queries carry tokens.
    const { route, outcome, to } = notes;
    const ms = Date.now() - startedAt;
    log(status >= 500 ? "error" : "info", "request", { requestId, route, status, outcome, ms, to });
    return response;
  };
}

/** A caller's own id, so that its log and ours can be read side by side; only where it is fit to be echoed. */
function requestIdOf(given: string | null): string {
  return given !== null && /^[\w\-=]{1,255}$/.test(given) ? given : crypto.randomUUID();
}
