import { DAY_MS } from "../../platform/time.ts";
import { advance, type PhoneState } from "../phone-state.ts";
import { NUMBER_LIMITS } from "../policy.ts";
import { resendAt } from "../snapshot.ts";
import type { Verification } from "../verification.ts";
import { hasChanged, trustIdentity } from "./identity.ts";

/** Nothing was sent, checked or charged, and why. */
export interface Refusal {
  readonly kind: "refused";
  readonly code: "number_locked" | "resend_too_soon" | "send_limit_reached";
  readonly retryAfterMs: number;
  /** The exceeded limit, as the RateLimit header fields name it. */
  readonly limit: { readonly name: string; readonly quota: number; readonly windowMs: number };
}

/** The `Retry-After` of a number that only an operator can unlock. */
const UNTIL_UNLOCKED_MS = DAY_MS;

/** Refuses sends and checks after too many consecutive failures on the number (NIST SP 800-63B-4 section 3.2.2). */
export function refuseLocked(state: PhoneState, now: number): Refusal | null {
  if (now >= state.lockedUntil) return null;
  const retryAfterMs = Math.min(state.lockedUntil - now, UNTIL_UNLOCKED_MS);
  const isPermanent = state.consecutiveFailures >= NUMBER_LIMITS.failuresBeforeLock;
  const quota = isPermanent ? NUMBER_LIMITS.failuresBeforeLock : NUMBER_LIMITS.failuresBeforeDelay;
  return refusal("number_locked", retryAfterMs, "failed-checks-per-number", quota, retryAfterMs);
}

/** Refuses another message of a verification after too many, or too soon after the last one. */
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

/** Refuses a message to a number that has reached its sends of a day, over all purposes. */
export function refuseBusyNumber(state: PhoneState, now: number): Refusal | null {
  const { sendsPerDay } = NUMBER_LIMITS;
  const oldest = state.sendTimes.at(-sendsPerDay);
  if (oldest === undefined) return null;
  return refusal("send_limit_reached", oldest + DAY_MS - now, "sends-per-number", sendsPerDay, DAY_MS);
}

/** The limit that a denial counts towards, as the RateLimit header fields name it. */
export const DENIALS_LIMIT = "denials-per-number";

/** Refuses a code to a number whose owner has denied requesting one, twice within a day. */
export function refuseDenied(state: PhoneState, now: number): Refusal | null {
  const { denialsPerDay } = NUMBER_LIMITS;
  const oldest = state.denials.at(-denialsPerDay);
  if (oldest === undefined) return null;
  return refusal("send_limit_reached", oldest.at + DAY_MS - now, DENIALS_LIMIT, denialsPerDay, DAY_MS);
}

/** How long a number stays locked after its n-th consecutive failure: 30 s, doubling to an hour, then without end. */
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

/**
 * Unlocks a number: NIST SP 800-63B-4 section 3.2.2 leaves that to an operator who has looked into the case.
 * Pending verifications stay as they are. The outcome is false when there was nothing to clear.
 */
export function unlock(
  before: PhoneState,
  now: number,
): { readonly state: PhoneState; readonly outcome: boolean } {
  const state = advance(before, now);
  const { consecutiveFailures, lockedUntil, denials } = state;
  const hasNothing =
    consecutiveFailures === 0 && lockedUntil === 0 && denials.length === 0 && !hasChanged(state);
  if (hasNothing) return { state, outcome: false };
  const identity = trustIdentity(state);
  return {
    state: { ...state, consecutiveFailures: 0, lockedUntil: 0, denials: [], identity },
    outcome: true,
  };
}
