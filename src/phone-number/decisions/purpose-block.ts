import type { PhoneState, PurposeFailures } from "../phone-state.ts";
import type { Verification } from "../verification.ts";
import { type Refusal, refusal } from "./refusal.ts";

/** More than a deployment has purposes with a block, and few enough that they cannot fill the record. */
const MOST_PURPOSES = 32;

/** Refuses sends and checks of a purpose after too many consecutive failures at it (PSD2 RTS article 4(3)(b)). */
export function refuseBlockedPurpose(state: PhoneState, purpose: string, now: number): Refusal | null {
  const found = state.purposeFailures.find((entry) => entry.purpose === purpose);
  if (found === undefined || now >= found.blockedUntil) return null;
  const retryAfterMs = found.blockedUntil - now;
  return refusal("number_locked", retryAfterMs, "failed-checks-per-purpose", found.failures, retryAfterMs);
}

/** Counts a failure at a verification's purpose, over all its verifications and apps; the policy may block it. */
export function countPurposeFailure(
  failures: readonly PurposeFailures[],
  { purpose, policy }: Verification,
  now: number,
): readonly PurposeFailures[] {
  const { blockAfterFailures = null, blockSeconds } = policy;
  if (blockAfterFailures === null) return failures;
  const count = 1 + (failures.find((entry) => entry.purpose === purpose)?.failures ?? 0);
  const blockedUntil = count >= blockAfterFailures ? now + blockSeconds * 1000 : 0;
  return [...withoutPurpose(failures, purpose), { purpose, failures: count, blockedUntil }].slice(
    -MOST_PURPOSES,
  );
}

/** A success ends the count. */
export function withoutPurpose(
  failures: readonly PurposeFailures[],
  purpose: string,
): readonly PurposeFailures[] {
  return failures.filter((entry) => entry.purpose !== purpose);
}
