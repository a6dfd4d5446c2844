import { DAY_MS } from "../../platform/time.ts";
import type { PhoneState } from "../phone-state.ts";
import { NUMBER_LIMITS } from "../policy.ts";
import { resendAt } from "../snapshot.ts";
import type { Verification } from "../verification.ts";

/** Nothing was sent, checked or charged, and why. */
export interface Refusal {
  readonly kind: "refused";
  readonly code: "number_locked" | "resend_too_soon" | "send_limit_reached";
  readonly retryAfterMs: number;
  /** The limit that said no, as the RateLimit fields name it. */
  readonly limit: { readonly name: string; readonly quota: number; readonly windowMs: number };
}

/** Longest `Retry-After` for a number that only an operator can unlock. */
const UNTIL_UNLOCKED_MS = DAY_MS;

/** Refuses anything on a number that has had too many wrong codes in a row (NIST SP 800-63B-4 section 3.2.2). */
export function refuseLocked(state: PhoneState, now: number): Refusal | null {
  if (now >= state.lockedUntil) return null;
  const retryAfterMs = Math.min(state.lockedUntil - now, UNTIL_UNLOCKED_MS);
  const forGood = state.consecutiveFailures >= NUMBER_LIMITS.failuresBeforeLock;
  const quota = forGood ? NUMBER_LIMITS.failuresBeforeLock : NUMBER_LIMITS.failuresBeforeDelay;
  return refusal("number_locked", retryAfterMs, "failed-checks-per-number", quota, retryAfterMs);
}

/** Refuses another message of a verification: too many already, or too soon after the last. */
export function refuseResend(verification: Verification, now: number): Refusal | null {
  const { policy, messages } = verification;
  if (messages.length >= policy.maxSends) {
    const window = verification.expiresAt - verification.createdAt;
    return refusal(
      "send_limit_reached",
      verification.expiresAt - now,
      "sends-per-verification",
      policy.maxSends,
      window,
    );
  }
  const wait = resendAt(verification) - now;
  if (wait <= 0) return null;
  const window = resendAt(verification) - (messages.at(-1)?.createdAt ?? verification.createdAt);
  return refusal("resend_too_soon", wait, "resend", 1, window);
}

/** Refuses more messages to a number than a day allows, whatever they are for. */
export function refuseBusyNumber(state: PhoneState, now: number): Refusal | null {
  const { sendsPerDay } = NUMBER_LIMITS;
  const oldest = state.sendTimes.at(-sendsPerDay);
  if (oldest === undefined) return null;
  return refusal("send_limit_reached", oldest + DAY_MS - now, "sends-per-number", sendsPerDay, DAY_MS);
}

/** The limit that a denial counts towards, as the RateLimit fields name it. */
export const DENIALS_LIMIT = "denials-per-number";

/** Refuses more codes to somebody who has said twice in a day that they did not ask for one. */
export function refuseDenied(state: PhoneState, now: number): Refusal | null {
  const { denialsPerDay } = NUMBER_LIMITS;
  const oldest = state.denials.at(-denialsPerDay);
  if (oldest === undefined) return null;
  return refusal("send_limit_reached", oldest.at + DAY_MS - now, DENIALS_LIMIT, denialsPerDay, DAY_MS);
}

/** How long a number stays locked after its n-th failure in a row: 30 s, doubling to an hour, then for good. */
export function lockAfter(consecutiveFailures: number): number {
  const { failuresBeforeDelay, failuresBeforeLock, firstDelaySeconds, longestDelaySeconds } = NUMBER_LIMITS;
  if (consecutiveFailures >= failuresBeforeLock) return Number.POSITIVE_INFINITY;
  if (consecutiveFailures < failuresBeforeDelay) return 0;
  const doubled = firstDelaySeconds * 2 ** (consecutiveFailures - failuresBeforeDelay);
  return Math.min(doubled, longestDelaySeconds) * 1000;
}

function refusal(
  code: Refusal["code"],
  retryAfterMs: number,
  name: string,
  quota: number,
  windowMs: number,
): Refusal {
  return { kind: "refused", code, retryAfterMs, limit: { name, quota, windowMs } };
}
