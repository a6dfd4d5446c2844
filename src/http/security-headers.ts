import type { MiddlewareHandler } from "hono";
import type { AppEnv } from "./context.ts";

/**
 * For answers that may not be framed, run scripts, or load anything but a style sheet of this origin. `X-Frame-Options`
 * and other headers that this policy supersedes in current browsers are left out, because each costs every answer.
 */
export const STRICT_HEADERS = {
  "content-security-policy":
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "strict-transport-security": "max-age=15552000; includeSubDomains",
  "x-content-type-options": "nosniff",
} as const;

/**
 * Sets headers on every answer of the routes that it is used on. A header that is set already stays, so that a group of
 * routes can have another policy than the app around it: `group.use(securityHeaders({ ...STRICT_HEADERS, … }))`.
 */
export function securityHeaders(headers: Readonly<Record<string, string>>): MiddlewareHandler<AppEnv> {
  const entries = Object.entries(headers);
  return async (c, next) => {
    await next();
    const answered = c.res.headers;
    for (const [name, value] of entries) {
      if (!answered.has(name)) answered.set(name, value);
    }
  };
}
