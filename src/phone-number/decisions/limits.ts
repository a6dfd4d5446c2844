import { DAY_MS } from "../../platform/time.ts";
import { exceededWindow } from "../../platform/windows.ts";
import { windowsForStrangers } from "../number-limits.ts";
import { advance, type PhoneState } from "../phone-state.ts";
import { NUMBER_LIMITS, type NumberRules } from "../policy.ts";
import { resendAt } from "../snapshot.ts";
import { type Attribution, countedSends, type Verification } from "../verification.ts";
import { hasChanged, trustIdentity } from "./identity.ts";
import { refuseBlockedPurpose } from "./purpose-block.ts";
import { type Refusal, refusal } from "./refusal.ts";
import { refuseBusyNumber, refuseHeldNumber } from "./send-windows.ts";

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

/**
 * Refuses another message of a verification after too many, or too soon after the last one.
 *
 * @param isOtherChannel Over a channel that has not carried the code: nothing that may still arrive there is waited for.
 */
export function refuseResend(
  verification: Verification,
  isOtherChannel: boolean,
  now: number,
): Refusal | null {
  const { policy, messages } = verification;
  if (countedSends(verification) >= policy.maxSends) {
    const window = verification.expiresAt - verification.createdAt;
    return refusal(
      "send_limit_reached",
      verification.expiresAt - now,
      "sends-per-verification",
      policy.maxSends,
      window,
    );
  }
  const wait = isOtherChannel ? 0 : resendAt(verification) - now;
  if (wait <= 0) return null;
  const window = resendAt(verification) - (messages.at(-1)?.createdAt ?? verification.createdAt);
  return refusal("resend_too_soon", wait, "resend", 1, window);
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

/** What a send is measured by. */
export interface SendRequest {
  readonly purpose: string;
  readonly requester: Attribution;
  /** Nothing is sent to a test number, so that its sends cost nothing and count nowhere. */
  readonly test: boolean;
  readonly rules: NumberRules;
  /** A resend over a channel that has not carried the code. */
  readonly isOtherChannel: boolean;
}

/** Refuses a send for what is known about its number: locks, blocks, the windows of its sends, its owner's denials. */
export function refuseSend(
  state: PhoneState,
  { purpose, requester, test, rules, isOtherChannel }: SendRequest,
  now: number,
): Refusal | null {
  const locked = refuseLocked(state, now) ?? refuseBlockedPurpose(state, purpose, now);
  if (locked !== null) return locked;
  const busy = test
    ? null
    : (refuseHeldNumber(state, now) ?? refuseBusyNumber(state, rules.limits, requester, isOtherChannel, now));
  // Decided in the object, so that a denial at the same moment as a start is not missed.
  return busy ?? (rules.owner === "enforce" ? refuseDenied(state, now) : null);
}

/**
 * Unlocks a number: NIST SP 800-63B-4 section 3.2.2 leaves that to an operator who has looked into the case. Locks,
 * blocks, denials and the windows of its sends begin anew; pending verifications stay as they are. The outcome is
 * false when nothing of it counted against the number.
 */
export function unlock(
  before: PhoneState,
  { limits }: Pick<NumberRules, "limits">,
  now: number,
): { readonly state: PhoneState; readonly outcome: boolean } {
  const state = advance(before, now);
  const { consecutiveFailures, lockedUntil, denials, purposeFailures, pairHold } = state;
  const isBusy =
    exceededWindow(
      state.sends.map(({ at }) => at),
      windowsForStrangers(limits),
      now,
    ) !== null;
  const hasNothing =
    consecutiveFailures === 0 &&
    lockedUntil === 0 &&
    denials.length === 0 &&
    purposeFailures.length === 0 &&
    pairHold === null &&
    !hasChanged(state) &&
    !isBusy;
  if (hasNothing) return { state, outcome: false };
  const cleared = {
    consecutiveFailures: 0,
    lockedUntil: 0,
    denials: [],
    purposeFailures: [],
    pairHold: null,
    sends: [],
    identity: trustIdentity(state),
  };
  return { state: { ...state, ...cleared }, outcome: true };
}
