import type { AppScope } from "../../ids/app-name.ts";
import type { VerificationId } from "../../ids/verification-id.ts";
import type { E164 } from "../../numbering/e164.ts";
import { advance, findOwn, type PhoneState, withVerification } from "../phone-state.ts";
import { snapshotOf, type VerificationSnapshot } from "../snapshot.ts";
import type { Redemption, Verification } from "../verification.ts";

export interface RedeemCommand {
  readonly id: VerificationId;
  /** Whose verifications the caller can reach. */
  readonly scope: AppScope;
  /** Random: a call that is repeated after a fault of the platform has the same. */
  readonly redemptionId: string;
}

/** An approved verification, whose number is known then. */
export interface Approved extends VerificationSnapshot {
  readonly to: E164;
}

/** Null where nothing may be issued for the verification. */
export type RedeemOutcome = Approved | null;

/**
 * Redeems an approval, once, however many authorization codes were issued for it. A second redemption gets nothing and
 * ends the first one's access, since one of the two codes was stolen (RFC 6749 section 4.1.2, ASVS 10.4.2).
 */
export function redeem(
  before: PhoneState,
  { id, scope, redemptionId }: RedeemCommand,
  now: number,
): { readonly state: PhoneState; readonly outcome: RedeemOutcome } {
  const state = advance(before, now);
  const verification = findOwn(state, id, scope);
  if (verification?.status !== "approved") return { state, outcome: null };
  const { redeemed } = verification;
  const withRedemption = (redemption: Redemption) =>
    withVerification(state, { ...verification, redeemed: redemption });
  if (redeemed === null) {
    const redemption: Redemption = { id: redemptionId, state: "once" };
    return { state: withRedemption(redemption), outcome: approvedOf(verification) };
  }
  if (redeemed.state === "again") return { state, outcome: null };
  if (redeemed.id === redemptionId) return { state, outcome: approvedOf(verification) };
  return { state: withRedemption({ ...redeemed, state: "again" }), outcome: null };
}

function approvedOf(verification: Verification): RedeemOutcome {
  const snapshot = snapshotOf(verification);
  const { to } = snapshot;
  return to === null ? null : { ...snapshot, to };
}

/** Reads, of an advanced state, a verification whose approval stands, and was redeemed once and not again. */
export function introduce(state: PhoneState, id: VerificationId, scope: AppScope): RedeemOutcome {
  const verification = findOwn(state, id, scope);
  // The owner may have taken back what their message had approved.
  if (verification?.status !== "approved") return null;
  return verification.redeemed?.state === "once" ? approvedOf(verification) : null;
}
