import type { ChannelName } from "../../messages/message.ts";
import type { E164 } from "../../numbering/e164.ts";
import { DEFAULT_POLICY } from "../../phone-number/policy.ts";
import type { VerificationSnapshot } from "../../phone-number/snapshot.ts";
import { Problem } from "../../platform/problem.ts";
import { MINUTE_MS } from "../../platform/time.ts";
import type { StartRequest } from "../../verification/requests.ts";
import { sentOrThrow } from "../v1/verifications/replies.ts";
import { type Flow, sessionOf } from "./flow.ts";
import type { Saying } from "./page/text.ts";
import { timeOfDay } from "./page/text.ts";
import { choosePageLanguage, type Localization } from "./page/words.ts";
import { type Answered, askerOf, type FlowVisit, localesOf } from "./visit.ts";

/** How a flow that is not over remembers its requests. */
const KEPT_MS = 15 * MINUTE_MS;

export type CodeSending =
  /** A code is on its way, or one that was sent is still good: the user cannot tell the two apart, nor from an unreachable number. */
  | { readonly kind: "pending"; readonly verification: VerificationSnapshot }
  | { readonly kind: "refused"; readonly problem: Problem };

/**
 * Sends a code to the number, over one channel where it is named. The same form, sent twice, sends once: the key is made of
 * the flow and of how often a code was asked for in it.
 */
export async function sendCode(
  visit: FlowVisit,
  to: E164,
  channel: ChannelName | null,
): Promise<CodeSending> {
  const { flow, client, deps, background } = visit;
  const request: StartRequest = {
    to,
    app: client.app,
    session: sessionOf(flow),
    purpose: client.purpose,
    locale: choosePageLanguage(localesOf(visit, flow)).locale,
    channels: channel === null ? null : [channel],
    code: null,
    codeLength: null,
    fallbackAfterSeconds: null,
    codeCheckedBy: "sandi",
    via: "sign_in",
    whilePending: "resend",
    bind: flow.request.payment,
    metadata: { client_id: client.id },
    asker: askerOf(visit),
  };
  const key = flowKey(visit, "number", `${flow.sends}.${channel}`);
  const first = await deps.verifications.start(request, key, background);
  // The same form is under way: without a key, the number's object refuses this one with what is pending.
  const response =
    first.kind === "idempotency_in_progress"
      ? await deps.verifications.start(request, null, background)
      : first;
  if (response.kind === "refused" && response.pending !== null) {
    return { kind: "pending", verification: response.pending };
  }
  if (response.kind === "send_answer" && response.failure?.temporary === false) {
    return { kind: "pending", verification: asIfSent(response.verification, visit) };
  }
  try {
    const { verification } = sentOrThrow(response, "/channels");
    return { kind: "pending", verification };
  } catch (error) {
    if (error instanceof Problem) return { kind: "refused", problem: error };
    throw error;
  }
}

/**
 * The verification of a number that no channel reaches, as that of any other looks a moment after its start: the page does
 * not tell a stranger which numbers are on WhatsApp (ASVS 6.3.8).
 */
function asIfSent(failed: VerificationSnapshot, { client, deps }: FlowVisit): VerificationSnapshot {
  const [wait = 0] = (deps.policies.get(client.purpose) ?? DEFAULT_POLICY).resendAfterSeconds;
  return { ...failed, status: "pending", reason: null, resendAt: failed.createdAt + wait * 1000 };
}

/** What a form's request is recognized by when it comes twice. */
export function flowKey({ flow, client }: FlowVisit, form: "number" | "code" | "message", key: string) {
  return {
    app: client.app,
    caller: client.id,
    method: "POST",
    path: `/oauth/authorize/${form}`,
    key: `${flow.id}.${key}`,
    // All that the answer depends on is in the key, and in the object that remembers it: that of the number's person.
    content: "",
    keptForMs: KEPT_MS,
  };
}

/** The flow once a code was asked for. */
export function withSend(flow: Flow, to: E164, { id }: VerificationSnapshot): Flow {
  const numbers = flow.numbers.includes(to) ? flow.numbers : [...flow.numbers, to];
  return { ...flow, numbers, sends: flow.sends + 1, verificationId: id };
}

/** An answer that says what went wrong. */
type Refused = Answered & { readonly fault: Saying };

/** A refusal as the page says it, and its status. It tells nothing about the number but that a code went there lately. */
export function refusalOf(
  { code, status, extras }: Problem,
  { now }: FlowVisit,
  localization: Localization,
  timeZone: string | null,
): Refused {
  const { retryAfterSeconds } = extras;
  const answered = { status, retryAfterSeconds, needsMessage: true };
  const time = timeOfDay(now + (retryAfterSeconds ?? 0) * 1000, localization, timeZone);
  switch (code) {
    case "resend_too_soon":
    case "send_limit_reached":
      return { ...answered, fault: { key: "number_later", values: { time } } };
    case "number_locked":
    case "rate_limited":
    case "traffic_blocked":
      return { ...answered, fault: { key: "too_many", values: { time } } };
    case "destination_not_allowed":
    case "denied_by_policy":
      return { ...answered, fault: { key: "number_refused" }, needsMessage: false };
    default:
      return { ...answered, status: status < 500 ? 400 : 503, fault: { key: "unavailable" } };
  }
}
