import { PROBLEMS } from "../../src/platform/problem.ts";
import type { ApiDocument, DocumentedError } from "./document.ts";
import { REDIRECT_URIS } from "./generate/sign-in.ts";
import type { Answer, FuzzRequest, NoResponse } from "./request.ts";

/** The documented problem codes with their statuses and titles. */
const CATALOGUE: ReadonlyMap<unknown, readonly [status: number, title: string]> = new Map(
  Object.entries(PROBLEMS),
);

const PROBLEM_TYPE = "application/problem+json";

/** The fault of a response, in the same words for the same fault; null for a correct one. */
export function violationOf(
  { method, target, operation }: FuzzRequest,
  answer: Answer | NoResponse,
  document: ApiDocument,
): string | null {
  if (typeof answer === "string") return answer;
  const { status, headers, text } = answer;
  if (status >= 500) return `status ${status}`;
  const requestId = headers["x-request-id"];
  if (requestId === undefined || requestId === "") return "no X-Request-Id";
  if (operation !== null && !operation.statuses.has(status)) return `undocumented status ${status}`;
  const { pathname } = new URL(`http://sandi.test${target}`);
  if (/^\/oauth\//.test(pathname)) return method === "HEAD" ? null : faultInSignIn(pathname, answer);
  if (status < 400) return null;
  const error = document.errorUnder(target);
  if (error !== null && error.type !== PROBLEM_TYPE) {
    return method === "HEAD" ? null : faultInDialect(error, answer);
  }
  if (headers["content-type"] !== PROBLEM_TYPE) return `a problem of type ${headers["content-type"]}`;
  const missing = missingHeader(status, headers);
  if (missing !== null) return `${status} without ${missing}`;
  return method === "HEAD" ? null : faultOfProblem(text, status, requestId, document.codes);
}

const PAGES = /^\/oauth\/authorize(\/|$)/;

/** Of the page of sign-in, whose errors are pages, and of the endpoints beside it, which answer errors of OAuth. */
function faultInSignIn(pathname: string, { status, headers, text }: Answer): string | null {
  const { location } = headers;
  if (location !== undefined && !REDIRECT_URIS.some((uri) => location.startsWith(uri))) {
    return "a redirect off the register";
  }
  if (status < 400) return null;
  const type = headers["content-type"];
  if (PAGES.test(pathname)) return type === "text/html; charset=utf-8" ? null : `a page of type ${type}`;
  if (status === 401 && headers["www-authenticate"] === undefined) return "401 without WWW-Authenticate";
  const isOfOAuth = typeof readObject(text)?.error === "string";
  return isOfOAuth && type === "application/json" ? null : `an error of type ${type} instead of OAuth's`;
}

/** Of an error of a compatible API, which has a status of its own for each problem. */
function faultInDialect({ type, schema }: DocumentedError, { headers, text }: Answer): string | null {
  if (headers["content-type"] !== type)
    return `an error of type ${headers["content-type"]} instead of ${type}`;
  if (!/^[1-9]\d*$/.test(headers["retry-after"] ?? "1")) return "a malformed Retry-After";
  const { properties = {}, required = [] } = schema;
  const names = Object.keys(readObject(text) ?? {});
  const isComplete = required.length > 0 && required.every((name) => names.includes(name));
  return isComplete && names.every((name) => name in properties) ? null : "an error in another dialect";
}

function missingHeader(status: number, headers: Answer["headers"]): string | null {
  if (status === 401 && headers["www-authenticate"] === undefined) return "WWW-Authenticate";
  if (status !== 429) return null;
  if (!/^[1-9]\d*$/.test(headers["retry-after"] ?? "")) return "Retry-After";
  if (headers["ratelimit-policy"] === undefined) return "RateLimit-Policy";
  return headers.ratelimit === undefined ? "RateLimit" : null;
}

function faultOfProblem(
  text: string,
  status: number,
  requestId: string,
  codes: ReadonlySet<unknown>,
): string | null {
  const problem = readObject(text);
  if (problem === null) return "a problem that is no JSON object";
  const { type, title, status: told, detail, code, request_id, errors } = problem;
  const entry = CATALOGUE.get(code);
  if (entry === undefined || !codes.has(code)) return `unknown code ${String(code)}`;
  if (entry[0] !== status || told !== status)
    return `${String(code)} with status ${status}, told ${String(told)}`;
  if (entry[1] !== title) return `${String(code)} with another title`;
  if (typeof type !== "string" || !type.endsWith(`:${String(code)}`))
    return "a type that does not end in the code";
  if (typeof detail !== "string" || detail === "") return "no detail";
  if (request_id !== requestId) return "another request_id than the header's";
  return errors === undefined || areFaults(errors) ? null : "errors without pointer and detail";
}

/** RFC 6901: a JSON pointer is empty or begins with a slash. */
function areFaults(errors: unknown): boolean {
  if (!Array.isArray(errors) || errors.length === 0) return false;
  return errors.every(
    ({ pointer, detail }: { pointer?: unknown; detail?: unknown }) =>
      typeof pointer === "string" && /^(\/|$)/.test(pointer) && typeof detail === "string" && detail !== "",
  );
}

function readObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
