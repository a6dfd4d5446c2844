import type { AppScope } from "../../ids/app-name.ts";
import type { VerificationId } from "../../ids/verification-id.ts";
import { advance, findOwn, type PhoneState, withVerification } from "../phone-state.ts";
import { snapshotOf, type VerificationSnapshot } from "../snapshot.ts";
import { close } from "../verification.ts";
import { withoutSendsOf } from "./send-windows.ts";

/**
 * Approves a pending verification whose code the caller says that it has checked itself. A closed one stays as it is, so
 * approving twice is harmless.
 *
 * The sends are given back as with every approval. Failures, locks and blocks stay, and no network, device or phone becomes
 * known by it: only a right code, compared here, shows who holds the phone.
 */
export function approve(
  before: PhoneState,
  id: VerificationId,
  scope: AppScope,
  now: number,
): { readonly state: PhoneState; readonly outcome: VerificationSnapshot | null } {
  const state = advance(before, now);
  const verification = findOwn(state, id, scope);
  if (verification === undefined) return { state, outcome: null };
  // What a message proves is approved by the message alone.
  if (verification.status !== "pending" || verification.link !== null) {
    return { state, outcome: snapshotOf(verification) };
  }
  const approved = close(verification, "approved", null, now);
  return {
    state: { ...withVerification(state, approved), sends: withoutSendsOf(state.sends, id) },
    outcome: snapshotOf(approved),
  };
}
