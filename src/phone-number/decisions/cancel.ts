import type { AppScope } from "../../ids/app-name.ts";
import type { VerificationId } from "../../ids/verification-id.ts";
import { advance, type Denial, findOwn, type PhoneState, withVerification } from "../phone-state.ts";
import { snapshotOf, type VerificationSnapshot } from "../snapshot.ts";
import { type Attribution, close } from "../verification.ts";

/** Cancels a pending verification. A closed one stays as it is, so canceling twice is harmless. */
export function cancel(
  before: PhoneState,
  id: VerificationId,
  scope: AppScope,
  now: number,
): { readonly state: PhoneState; readonly outcome: VerificationSnapshot | null } {
  const state = advance(before, now);
  const verification = findOwn(state, id, scope);
  if (verification === undefined) return { state, outcome: null };
  if (verification.status !== "pending") return { state, outcome: snapshotOf(verification) };
  const canceled = close(verification, "canceled", null, now);
  return { state: withVerification(state, canceled), outcome: snapshotOf(canceled) };
}

export interface DenyCommand {
  /** WhatsApp's id of the tap. */
  readonly tapId: string;
  /** The message under which the owner tapped, by its provider's id. */
  readonly providerMessageId: string | null;
}

/** Who requested the denied code; null where that is unknown, or the tap was reported before. */
export type DenyOutcome = Attribution | null;

/** More than any limit needs, and few enough that taps cannot fill the record. */
const KEPT_DENIALS = 10;

/**
 * The number's owner tapped "I didn't request a code": closes the verification of that message. Where the
 * message's id is not known yet, the newest pending verification is meant.
 */
export function deny(
  before: PhoneState,
  { tapId, providerMessageId }: DenyCommand,
  now: number,
): { readonly state: PhoneState; readonly outcome: DenyOutcome } {
  const advanced = advance(before, now);
  if (advanced.denials.some((denial) => denial.tapId === tapId)) return { state: advanced, outcome: null };
  const named = advanced.verifications.find((v) =>
    v.messages.some((message) => message.providerMessageId === providerMessageId),
  );
  const denied = named ?? advanced.verifications.findLast(({ status }) => status === "pending");
  // Without a recent verification there is no request that the denial could count against.
  if (denied === undefined) return { state: advanced, outcome: null };

  const denials: readonly Denial[] = [...advanced.denials, { at: now, tapId }].slice(-KEPT_DENIALS);
  const state = { ...advanced, denials };
  if (denied.status !== "pending") return { state, outcome: denied.attribution };
  const closed = close(denied, "failed", "denied_by_user", now);
  return { state: withVerification(state, closed), outcome: denied.attribution };
}
