import type { RuleMatch } from "../../../guard/rule.ts";
import type { CheckAnswer, SendAnswer } from "../../../phone-number/answers.ts";
import type { Recalled } from "../../../phone-number/decisions/idempotency.ts";
import type { Refusal } from "../../../phone-number/decisions/refusal.ts";
import { Problem } from "../../../platform/problem.ts";
import type { CheckResponse, SendResponse } from "../../../verification/requests.ts";
import { toVerificationBody } from "../../../wire/verification.ts";
import type { Reply } from "../../endpoint.ts";
import { shownFailure } from "../failures.ts";

/**
 * The reply to a start or a resend. Throws a problem when nothing was sent.
 *
 * @param channelField Where the request names its channels.
 */
export function replyToSend(response: SendResponse, channelField: "/channel" | "/channels"): Reply {
  const { created, verification } = sentOrThrow(response, channelField);
  return {
    status: created ? 201 : 200,
    body: toVerificationBody(verification),
    outcome: created ? "started" : "resent",
    to: verification.to,
  };
}

/**
 * The answer to a start or a resend that was sent, in every dialect. Throws a problem when nothing was sent.
 *
 * @param channelField Where the request names its channels.
 */
export function sentOrThrow(response: SendResponse, channelField: `/${string}`): SendAnswer {
  switch (response.kind) {
    case "send_answer":
      return response.failure === null ? response : failed(response);
    case "closed":
      throw new Problem("not_found", {
        detail: `The verification is ${response.verification.status}; start another.`,
      });
    case "proved_by_message":
      throw new Problem("invalid_request", {
        detail: "This verification has no code: the user sends a message. Start one by code instead.",
      });
    case "already_pending":
    case "no_channel_left":
      throw new Error("Only a request that asked for it ends like this");
    case "channel_not_configured":
      throw new Problem("invalid_request", {
        errors: [
          { pointer: channelField, detail: "None of these channels is configured in this deployment." },
        ],
      });
    case "channel_not_allowed": {
      const detail = `The policy of this purpose has these channels: ${response.allowed.join(", ")}.`;
      throw new Problem("invalid_request", { errors: [{ pointer: channelField, detail }] });
    }
    case "no_template":
      throw new Problem("channel_unavailable", {
        detail: "WhatsApp has approved none of this purpose's templates.",
        retryAfterSeconds: REVIEW_SECONDS,
      });
    case "blocked":
      throw blocked(response.match);
    default:
      throw problemOf(response);
  }
}

/** The problems with which {@link sentOrThrow} refuses a send: of the number, of the channels, of the guard. */
export const SEND_PROBLEMS = [
  "resend_too_soon",
  "send_limit_reached",
  "number_locked",
  "channel_failed",
  "channel_unavailable",
  "destination_not_allowed",
  "denied_by_policy",
  "rate_limited",
  "traffic_blocked",
] as const;

/** A refusal by the guard. */
export function blocked({ code, detail, wait }: RuleMatch): Problem {
  if (wait === null) return new Problem(code, { detail });
  const { retryAfterMs, name, quota, windowMs } = wait;
  return new Problem(code, {
    detail,
    retryAfterSeconds: toSeconds(retryAfterMs),
    limit: { name, quota, windowSeconds: toSeconds(windowMs) },
  });
}

/** How long to wait for a template: its approval is the work of people at WhatsApp. */
const REVIEW_SECONDS = 60;

/** The answer to a check that was made, in every dialect. Throws a problem when it was not. */
export function checkedOrThrow(response: CheckResponse): CheckAnswer {
  if (response.kind === "blocked") throw blocked(response.match);
  if (response.kind !== "check_answer") throw problemOf(response);
  return response;
}

/** The reply to a check: 200 whether the code was right or not. */
export function replyToCheck(response: CheckResponse): Reply {
  const { valid, verification } = checkedOrThrow(response);
  const outcome = valid ? "approved" : "not_valid";
  return { status: 200, body: { ...toVerificationBody(verification), valid }, outcome, to: verification.to };
}

function failed({ failure, verification, retryAfterMs }: SendAnswer): never {
  if (failure === null) throw new Error("This send did not fail");
  const { identityChanged, resendAt } = verification;
  const shown = { ...shownFailure(failure), identityChanged };
  if (!failure.temporary) throw new Problem("channel_failed", shown);
  const untilResend = resendAt === null ? 0 : resendAt - Date.now();
  const wait = Math.max(failure.retryAfterMs ?? 0, untilResend, retryAfterMs);
  throw new Problem("channel_unavailable", {
    ...shown,
    retryAfterSeconds: wait > 0 ? toSeconds(wait) : RETRY_AFTER_SECONDS,
  });
}

type Declined = Refusal | Exclude<Recalled<never>, { kind: "replayed" }> | { readonly kind: "not_found" };

/** Why nothing was sent, checked or begun. */
export function problemOf(declined: Declined): Problem {
  switch (declined.kind) {
    case "not_found":
      return new Problem("not_found");
    case "idempotency_mismatch":
      return new Problem("idempotency_mismatch");
    case "idempotency_in_progress":
      return new Problem("idempotency_in_progress", { retryAfterSeconds: toSeconds(declined.retryAfterMs) });
    case "refused": {
      const { name, quota, windowMs } = declined.limit;
      const { pending } = declined;
      return new Problem(declined.code, {
        retryAfterSeconds: toSeconds(declined.retryAfterMs),
        limit: { name, quota, windowSeconds: toSeconds(windowMs) },
        ...(pending === null ? {} : { verification: toVerificationBody(pending) }),
      });
    }
  }
}

/** For a verification that the failure closed: the next start creates a new one, which has no cool-down. */
const RETRY_AFTER_SECONDS = 5;

/** Rounded up, so that a client that waits this long is not too early. */
function toSeconds(milliseconds: number): number {
  return Math.max(1, Math.ceil(milliseconds / 1000));
}
