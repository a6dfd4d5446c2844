import * as z from "zod";
import { documented } from "../../platform/documented.ts";
import {
  type Fault,
  PROBLEMS,
  Problem,
  type ProblemCode,
  type ProblemExtras,
} from "../../platform/problem.ts";
import type { RenderError } from "../dialect.ts";

type TwilioError = readonly [status: number, code: number];

/** By the codes of Twilio's own list; an error that it does not know has the code of its HTTP status after 20. */
const ERRORS: Partial<Record<ProblemCode, TwilioError>> = {
  invalid_request: [400, 60200],
  invalid_phone_number: [400, 60200],
  unauthorized: [401, 20003],
  forbidden: [403, 20003],
  destination_not_allowed: [403, 60605],
  denied_by_policy: [403, 60238],
  traffic_blocked: [403, 60410],
  unknown_purpose: [404, 20404],
  not_found: [404, 20404],
  payload_too_large: [413, 20001],
  resend_too_soon: [429, 60212],
  send_limit_reached: [429, 60203],
  number_locked: [429, 60202],
  rate_limited: [429, 20429],
  channel_failed: [502, 20500],
  unavailable: [503, 20503],
  channel_unavailable: [503, 20503],
};
const INTERNAL: TwilioError = [500, 20500];

const MORE_INFO = "https://www.twilio.com/docs/errors/";

/** A fault for which Twilio has a code of its own. */
export class TwilioProblem extends Problem {
  readonly twilioCode: number;

  constructor(code: ProblemCode, twilioCode: number, extras: ProblemExtras) {
    super(code, extras);
    this.twilioCode = twilioCode;
  }
}

/** Twilio's error. Its clients read another shape where a body has `type` and `title`, so it never has those. */
export const errorBody = documented(() =>
  z
    .strictObject({
      code: z.int(),
      message: z.string(),
      more_info: z.url(),
      status: z.int(),
    })
    .meta({ id: "TwilioError" }),
);

export function errorOf(code: ProblemCode): TwilioError {
  return ERRORS[code] ?? INTERNAL;
}

/** What a request without a channel is told; every other fault of the channel is that it is not served. */
export const CHANNEL_MISSING = "It is required.";
const CHANNEL_NOT_SERVED = 60223;

function codeOf(problem: Problem, usualCode: number): number {
  if (problem instanceof TwilioProblem) return problem.twilioCode;
  const { errors = [] } = problem.extras;
  const isNotServed = errors.some(
    ({ pointer, detail }) => pointer === "/Channel" && detail !== CHANNEL_MISSING,
  );
  return isNotServed ? CHANNEL_NOT_SERVED : usualCode;
}

/** Renders a problem as Twilio does. */
export const renderError: RenderError = (problem) => {
  const [status, usualCode] = errorOf(problem.code);
  const code = codeOf(problem, usualCode);
  const body: z.input<typeof errorBody> = {
    code,
    message: messageOf(problem),
    more_info: MORE_INFO + code,
    status,
  };
  const headers = new Headers();
  const { retryAfterSeconds } = problem.extras;
  if (status === 401) headers.set("www-authenticate", 'Basic realm="sandi"');
  if (retryAfterSeconds !== undefined) headers.set("retry-after", String(retryAfterSeconds));
  return Response.json(body, { status, headers });
};

function messageOf({ code, extras: { detail, errors = [] } }: Problem): string {
  if (errors.length > 0) return errors.map(nameParameter).join(" ");
  return detail ?? `${PROBLEMS[code][1]}.`;
}

/** Names the parameter, and not what of it is at fault: keys in it may be personal data. */
function nameParameter({ pointer, detail }: Fault): string {
  const [, part = ""] = pointer.split("/");
  if (part === "") return detail;
  const name = part.replaceAll("~1", "/").replaceAll("~0", "~");
  return `Invalid parameter \`${name}\`: ${detail}`;
}
