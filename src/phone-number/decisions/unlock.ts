import { advance, type PhoneState } from "../phone-state.ts";

/**
 * Unlocks a number: NIST SP 800-63B-4 section 3.2.2 leaves that to somebody who has looked into it. The
 * verifications that are pending stay as they are.
 */
export function unlock(
  before: PhoneState,
  now: number,
): { readonly state: PhoneState; readonly outcome: boolean } {
  const state = advance(before, now);
  const { consecutiveFailures, lockedUntil, denials } = state;
  if (consecutiveFailures === 0 && lockedUntil === 0 && denials.length === 0)
    return { state, outcome: false };
  return { state: { ...state, consecutiveFailures: 0, lockedUntil: 0, denials: [] }, outcome: true };
}
