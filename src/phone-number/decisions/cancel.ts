import type { VerificationId } from "../../ids/verification-id.ts";
import { advance, find, type PhoneState, replace } from "../phone-state.ts";
import { snapshotOf, type VerificationSnapshot } from "../snapshot.ts";
import { close } from "../verification.ts";

/** Cancels a pending verification. A closed one stays as it closed, so that canceling twice is harmless. */
export function cancel(
  before: PhoneState,
  id: VerificationId,
  now: number,
): { readonly state: PhoneState; readonly outcome: VerificationSnapshot | null } {
  const state = advance(before, now);
  const verification = find(state, id);
  if (verification === undefined) return { state, outcome: null };
  if (verification.status !== "pending") return { state, outcome: snapshotOf(verification) };
  const canceled = close(verification, "canceled", null, now);
  return { state: replace(state, canceled), outcome: snapshotOf(canceled) };
}
