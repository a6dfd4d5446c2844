import * as z from "zod";
import { toUuid, type VerificationId } from "../../ids/verification-id.ts";
import { documented } from "../../platform/documented.ts";
import { type Fault, PROBLEMS, Problem, type ProblemCode } from "../../platform/problem.ts";
import type { RenderError } from "../dialect.ts";

type VonageError = readonly [status: number, fragment: string, title: string];

const INVALID: VonageError = [422, "invalid-params", "Invalid params"];
const BLOCKED: VonageError = [403, "fraud-blocked", "Fraud Blocked"];
const THROTTLED: VonageError = [429, "throttled", "Rate Limit Hit"];
const CHANNEL_FAILED: VonageError = [502, "channel-failed", "Channel Failed"];
const UNAVAILABLE: VonageError = [503, "unavailable", "Unavailable"];
const INTERNAL: VonageError = [500, "internal-error", "Internal Error"];

const ERRORS: Partial<Record<ProblemCode, VonageError>> = {
  invalid_request: INVALID,
  invalid_phone_number: INVALID,
  unknown_purpose: INVALID,
  unauthorized: [401, "unauthorized", "Unauthorized"],
  forbidden: [403, "forbidden", "Forbidden"],
  destination_not_allowed: BLOCKED,
  denied_by_policy: BLOCKED,
  not_found: [404, "not-found", "Not Found"],
  payload_too_large: [413, "payload-too-large", "Payload Too Large"],
  resend_too_soon: THROTTLED,
  send_limit_reached: THROTTLED,
  number_locked: THROTTLED,
  rate_limited: THROTTLED,
  traffic_blocked: THROTTLED,
  channel_failed: CHANNEL_FAILED,
  provider_failed: CHANNEL_FAILED,
  channel_unavailable: UNAVAILABLE,
  unavailable: UNAVAILABLE,
};

/** Results of a verification that are errors at Vonage alone, with their details. */
const RESULTS = {
  wrong_code: [400, "invalid-code", "Invalid Code", "The code is not the one that was sent."],
  attempts_exhausted: [410, "expired", "Invalid Code", "Too many wrong codes; the request is over."],
  already_pending: [409, "conflict", "Conflict", "A request for this number is still running."],
  no_channel_left: [409, "conflict", "Conflict", "Every channel of the workflow has carried the code."],
} as const satisfies Record<string, readonly [...VonageError, detail: string]>;

/** Thrown to answer with a result that is an error at Vonage. */
export class VonageProblem extends Problem {
  readonly result: keyof typeof RESULTS;
  /** The request that is running already. */
  readonly pending: VerificationId | null;

  constructor(result: keyof typeof RESULTS, pending: VerificationId | null = null) {
    super("not_found");
    this.result = result;
    this.pending = pending;
  }

  override get outcome(): string {
    return this.result;
  }
}

/** Problem details of an earlier draft, with Vonage's names for its own members. */
export const errorBody = documented(() =>
  z
    .object({
      type: z.url(),
      title: z.string(),
      detail: z.string(),
      instance: z.string().meta({ description: "The request's id, as in `X-Request-Id`." }),
      invalid_parameters: z.array(z.object({ name: z.string(), reason: z.string() })).optional(),
      request_id: z
        .string()
        .optional()
        .meta({ description: "With a conflict: the request that is running." }),
    })
    .meta({ id: "VonageError" }),
);

export function errorOf(code: ProblemCode): VonageError {
  return ERRORS[code] ?? INTERNAL;
}

/** Renders a problem as Vonage does. */
export const renderError: RenderError = (problem, requestId, request) => {
  const result = problem instanceof VonageProblem ? problem : null;
  const [status, fragment, title] = result === null ? errorOf(problem.code) : RESULTS[result.result];
  const { errors, retryAfterSeconds } = problem.extras;
  const pending = result?.pending ?? null;
  const body: z.input<typeof errorBody> = {
    type: `https://developer.vonage.com/api-errors#${fragment}`,
    title,
    detail: result === null ? detailOf(problem, request) : RESULTS[result.result][3],
    instance: requestId,
    invalid_parameters: status === 422 ? errors?.map(toInvalidParameter) : undefined,
    request_id: pending === null ? undefined : toUuid(pending),
  };
  const headers = new Headers();
  if (status === 401) headers.set("www-authenticate", 'Bearer realm="sandi"');
  if (retryAfterSeconds !== undefined) headers.set("retry-after", String(retryAfterSeconds));
  return Response.json(body, { status, headers });
};

function detailOf({ code, extras }: Problem, request: Request): string {
  if (extras.detail !== undefined) return extras.detail;
  if (code === "not_found")
    return `Request${shownId(request)} was not found or it has been verified already.`;
  return `${PROBLEMS[code][1]}.`;
}

/** Only what looks like an id is shown: a path may hold anything, such as a phone number. */
function shownId({ url }: Request): string {
  const id = /\/verify\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?![^/?])/i.exec(url)?.[1];
  return id === undefined ? "" : ` ${id}`;
}

/** `/workflow/0/to` is the parameter `workflow[0].to`. */
function toInvalidParameter({ pointer, detail }: Fault): { name: string; reason: string } {
  const [, ...parts] = pointer.split("/").map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
  const name = parts.map((part) => (/^\d+$/.test(part) ? `[${part}]` : `.${part}`)).join("");
  return { name: name === "" ? "body" : name.replace(/^\./, ""), reason: detail };
}
