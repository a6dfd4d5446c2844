import * as z from "zod";
import { documented } from "../../platform/documented.ts";
import { PROBLEMS, Problem, type ProblemCode, type ProblemExtras } from "../../platform/problem.ts";
import type { RenderError } from "../dialect.ts";
import { renderProblem } from "../errors.ts";

/** Problem details, without the pending verification: it names the whole number. */
export const renderRefusal: RenderError = ({ code, extras }, requestId, request) => {
  const { verification: _, ...shown } = extras;
  return renderProblem(new Problem(code, shown), requestId, request);
};

export const supabaseError = documented(() =>
  z
    .object({ error: z.object({ http_code: z.int(), message: z.string() }) })
    .meta({ id: "SupabaseHookError" }),
);

/** With these statuses Supabase reads no body, and answers its app with 500. */
const FAULTS: ReadonlySet<number> = new Set([401, 404, 500]);

/** The statuses that the app gets. It is not told apart which input was bad, or how the channels failed. */
const SHOWN: ReadonlySet<number> = new Set([...FAULTS, 403, 429]);

/** The status of the hook's answer, and the one that Supabase's answer to the app has. */
function statusesOf(code: ProblemCode): { readonly answered: number; readonly shown: number } {
  const [status] = PROBLEMS[code];
  const other = status > 500 ? 503 : 422;
  return { answered: FAULTS.has(status) ? status : 200, shown: SHOWN.has(status) ? status : other };
}

/**
 * Supabase hands its app an error that comes with status 200, and a fixed sentence for every other status. There is no
 * `Retry-After`: Supabase would call again at once.
 */
export const renderForSupabase: RenderError = ({ code, extras }) => {
  const { answered, shown } = statusesOf(code);
  const body: z.input<typeof supabaseError> = {
    error: { http_code: shown, message: sentenceFor(code, extras) },
  };
  const headers = new Headers();
  if (answered === 401) headers.set("www-authenticate", 'Bearer realm="sandi"');
  return Response.json(body, { status: answered, headers });
};

export function describeForSupabase(code: ProblemCode): readonly [status: number, description: string] {
  const { answered, shown } = statusesOf(code);
  return [answered, `\`http_code\` ${shown}: ${PROBLEMS[code][1]}.`];
}

/** For the app's user. Never empty, which Supabase takes for a success. */
function sentenceFor(code: ProblemCode, extras: ProblemExtras): string {
  const { retryAfterSeconds: waitSeconds } = extras;
  const again = waitSeconds === undefined ? "Try again later." : `Try again in ${waitSeconds} seconds.`;
  switch (code) {
    case "unauthorized":
      return "The signature is not this project's.";
    case "not_found":
      return "There is no such hook.";
    case "resend_too_soon":
      return `A code was sent a moment ago. ${again}`;
    case "send_limit_reached":
      return `Too many codes were sent to this number. ${again}`;
    case "number_locked":
      return `This number is locked for the moment. ${again}`;
    case "rate_limited":
    case "traffic_blocked":
      return `Too many codes were requested. ${again}`;
    case "destination_not_allowed":
    case "denied_by_policy":
      return "Codes cannot be sent to this number.";
    case "invalid_phone_number":
      return "This is not a valid phone number.";
    case "invalid_request":
    case "invalid_message":
    case "unknown_purpose":
    case "payload_too_large":
      return `The code could not be sent. ${faultsIn(extras)}`;
    default:
      return `The code could not be sent. ${again}`;
  }
}

/** What a developer has to correct; an app's user does not meet it. */
function faultsIn({ detail = "", errors = [] }: ProblemExtras): string {
  return errors.length === 0 ? detail : errors.map((fault) => `${fault.pointer}: ${fault.detail}`).join(" ");
}

/** What Authgear decides by, and not by the status. */
const AUTHGEAR_CODES: Partial<Record<ProblemCode, string>> = {
  unauthorized: "authentication_failed",
  forbidden: "authentication_failed",
  invalid_phone_number: "invalid_phone_number",
  destination_not_allowed: "delivery_rejected",
  denied_by_policy: "delivery_rejected",
  channel_failed: "delivery_rejected",
  channel_unavailable: "timeout",
  unavailable: "timeout",
  internal: "unknown_error",
};

export const authgearError = documented(() =>
  z.object({ code: z.string(), description: z.string() }).meta({ id: "AuthgearHookError" }),
);

function authgearCodeOf(code: ProblemCode): string {
  return AUTHGEAR_CODES[code] ?? (PROBLEMS[code][0] === 429 ? "rate_limited" : "unsupported_request");
}

export const renderForAuthgear: RenderError = ({ code, extras }) => {
  const [status, title] = PROBLEMS[code];
  const description = faultsIn(extras) || `${title}.`;
  const body: z.input<typeof authgearError> = { code: authgearCodeOf(code), description };
  const headers = new Headers();
  if (status === 401) headers.set("www-authenticate", 'Bearer realm="sandi"');
  if (extras.retryAfterSeconds !== undefined) headers.set("retry-after", String(extras.retryAfterSeconds));
  return Response.json(body, { status, headers });
};

export function describeForAuthgear(code: ProblemCode): readonly [status: number, description: string] {
  const [status, title] = PROBLEMS[code];
  return [status, `\`${authgearCodeOf(code)}\`: ${title}.`];
}
