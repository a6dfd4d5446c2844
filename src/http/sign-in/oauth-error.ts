import type { RenderError } from "../dialect.ts";

/** For every answer of the endpoints that programs call: tokens are kept by no cache, and pages of clients may read them. */
export const ANSWER_HEADERS: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "access-control-allow-origin": "*",
};

/** An error of RFC 6749 section 5.2. Its description has only characters that the RFC allows there. */
export interface OAuthFault {
  readonly status: 400 | 401 | 404 | 405 | 413 | 500 | 503;
  readonly error: string;
  readonly description: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Renders an error as JSON. */
export function oauthError({ status, error, description, headers = {} }: OAuthFault): Response {
  const body = { error, error_description: description };
  return Response.json(body, { status, headers: { ...ANSWER_HEADERS, ...headers } });
}

/** 400 `invalid_request`. */
export function invalidRequest(description: string): OAuthFault {
  return { status: 400, error: "invalid_request", description };
}

/**
 * Renders what the rest of the service throws: the faults of the platform, a body that is too large, an unknown path. For a
 * browser on the page it is a page that needs neither words nor styles, since these may be what failed.
 */
export const renderSignInError: RenderError = ({ status, extras }, _, request) => {
  const { retryAfterSeconds } = extras;
  const fault = FAULTS[status] ?? UNEXPECTED;
  const headers: Record<string, string> = { "cache-control": "no-store" };
  if (retryAfterSeconds !== undefined) headers["retry-after"] = String(retryAfterSeconds);
  if (!PAGES.test(new URL(request.url).pathname)) return oauthError({ ...fault, headers });
  headers["content-type"] = "text/html; charset=utf-8";
  const { description } = fault;
  const page =
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${description}</title></head>` +
    `<body><main><h1>${description}</h1><p>Go back to the app and try again.</p></main></body></html>`;
  return new Response(page, { status: fault.status, headers });
};

/** Only whole segments: `/oauth/authorized` is no page, and a program asked for it. */
const PAGES = /^\/oauth\/authorize(\/|$)/;

const UNEXPECTED: OAuthFault = {
  status: 500,
  error: "server_error",
  description: "Something went wrong here.",
};

const FAULTS: Readonly<Record<number, OAuthFault>> = {
  404: { status: 404, error: "not_found", description: "There is no such endpoint." },
  413: { status: 413, error: "invalid_request", description: "The request is too large." },
  503: {
    status: 503,
    error: "temporarily_unavailable",
    description: "The service is unavailable for a moment.",
  },
};
