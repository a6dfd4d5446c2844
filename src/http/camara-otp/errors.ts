import * as z from "zod";
import { documented } from "../../platform/documented.ts";
import { type Fault, PROBLEMS, Problem, type ProblemCode } from "../../platform/problem.ts";
import type { RenderError } from "../dialect.ts";
import { correlatorFor } from "./correlator.ts";

type CamaraError = readonly [status: number, code: string];

const OTP = "ONE_TIME_PASSWORD_SMS.";

const INVALID: CamaraError = [400, "INVALID_ARGUMENT"];
const TOO_MANY: CamaraError = [429, "TOO_MANY_REQUESTS"];
const NOT_ALLOWED: CamaraError = [403, `${OTP}PHONE_NUMBER_NOT_ALLOWED`];
const BLOCKED: CamaraError = [403, `${OTP}PHONE_NUMBER_BLOCKED`];
const UNAVAILABLE: CamaraError = [503, "UNAVAILABLE"];
const INTERNAL: CamaraError = [500, "INTERNAL"];

const ERRORS: Partial<Record<ProblemCode, CamaraError>> = {
  invalid_request: INVALID,
  invalid_phone_number: INVALID,
  unauthorized: [401, "UNAUTHENTICATED"],
  forbidden: [403, "PERMISSION_DENIED"],
  destination_not_allowed: NOT_ALLOWED,
  channel_failed: NOT_ALLOWED,
  denied_by_policy: BLOCKED,
  number_locked: BLOCKED,
  send_limit_reached: [403, `${OTP}MAX_OTP_CODES_EXCEEDED`],
  not_found: [404, "NOT_FOUND"],
  payload_too_large: [413, "PAYLOAD_TOO_LARGE"],
  resend_too_soon: TOO_MANY,
  rate_limited: TOO_MANY,
  traffic_blocked: [429, "QUOTA_EXCEEDED"],
  channel_unavailable: UNAVAILABLE,
  unavailable: UNAVAILABLE,
};

/** Results that CAMARA tells apart and this API's problems do not, with what they mean. */
const RESULTS = {
  wrong_code: [400, `${OTP}INVALID_OTP`, "The code is not the one that was sent."],
  attempts_exhausted: [400, `${OTP}VERIFICATION_FAILED`, "Too many wrong codes; send another code."],
  over: [400, `${OTP}VERIFICATION_EXPIRED`, "This code is no longer valid; send another one."],
  block_list: [...BLOCKED, "This deployment sends no codes to this number."],
} as const satisfies Record<string, readonly [...CamaraError, message: string]>;

/** Thrown to answer with a result that CAMARA has an error for. */
export class CamaraProblem extends Problem {
  readonly result: keyof typeof RESULTS;

  constructor(result: keyof typeof RESULTS) {
    super("destination_not_allowed");
    this.result = result;
  }

  override get outcome(): string {
    return this.result;
  }
}

/** CAMARA's `ErrorInfo`. */
export const errorBody = documented(() =>
  z.object({ status: z.int(), code: z.string(), message: z.string() }).meta({ id: "CamaraError" }),
);

export function errorOf(code: ProblemCode): CamaraError {
  return ERRORS[code] ?? INTERNAL;
}

/** Renders a problem as CAMARA does. */
export const renderError: RenderError = (problem, requestId, request) => {
  const [status, code, message = messageOf(problem)]: readonly [...CamaraError, message?: string] =
    problem instanceof CamaraProblem ? RESULTS[problem.result] : errorOf(problem.code);
  const headers = new Headers({ "x-correlator": correlatorFor(request, requestId) });
  const { retryAfterSeconds } = problem.extras;
  if (status === 401) headers.set("www-authenticate", 'Bearer realm="sandi"');
  if (retryAfterSeconds !== undefined) headers.set("retry-after", String(retryAfterSeconds));
  return Response.json({ status, code, message }, { status, headers });
};

function messageOf({ code, extras: { detail, errors = [] } }: Problem): string {
  const named = errors.filter(({ pointer }) => pointer !== "");
  if (named.length > 0) return named.map(nameArgument).join(" ");
  return detail ?? `${PROBLEMS[code][1]}.`;
}

/** The bodies of this API have no parts with parts, so that a pointer is a slash and a name. */
function nameArgument({ pointer, detail }: Fault): string {
  return `Invalid argument ${pointer.slice(1)}: ${detail.replace(/\.$/, "")}.`;
}
