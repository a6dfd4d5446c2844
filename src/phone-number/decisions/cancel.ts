import type { AppScope } from "../../ids/app-name.ts";
import type { VerificationId } from "../../ids/verification-id.ts";
import { wasSentBefore } from "../../messages/message.ts";
import type { E164 } from "../../numbering/e164.ts";
import { advance, type Denial, findOwn, type PhoneState, withVerification } from "../phone-state.ts";
import { snapshotOf, type VerificationSnapshot } from "../snapshot.ts";
import { type Attribution, close, type Verification } from "../verification.ts";
import { forgetKnown } from "./known.ts";
import { withoutSendsOf } from "./send-windows.ts";

/** A verification that a caller names, and the record once it has been closed. */
interface Closed {
  readonly state: PhoneState;
  /** Null where the caller can reach none of this id. */
  readonly outcome: VerificationSnapshot | null;
}

/** Cancels a pending verification. */
export function cancel(before: PhoneState, id: VerificationId, scope: AppScope, now: number): Closed {
  return closeOnRequest(before, id, scope, now, (state, verification) =>
    closed(state, close(verification, "canceled", null, now)),
  );
}

/**
 * Approves a pending verification whose code the caller says that it has checked itself.
 *
 * The sends are given back as with every approval. Failures, locks and blocks stay, and no network, device or phone becomes
 * known by it: only a right code, compared here, shows who holds the phone.
 */
export function approve(before: PhoneState, id: VerificationId, scope: AppScope, now: number): Closed {
  return closeOnRequest(before, id, scope, now, (state, verification) => {
    // What a message proves is approved by the message alone.
    if (verification.link !== null) return { state, outcome: snapshotOf(verification) };
    const returned = { ...state, sends: withoutSendsOf(state.sends, id) };
    return closed(returned, close(verification, "approved", null, now));
  });
}

/** Closes a pending verification for its caller. A closed one stays as it is, so that a repeat is harmless. */
function closeOnRequest(
  before: PhoneState,
  id: VerificationId,
  scope: AppScope,
  now: number,
  closePending: (state: PhoneState, verification: Verification) => Closed,
): Closed {
  const state = advance(before, now);
  const verification = findOwn(state, id, scope);
  if (verification === undefined) return { state, outcome: null };
  if (verification.status !== "pending") return { state, outcome: snapshotOf(verification) };
  return closePending(state, verification);
}

function closed(state: PhoneState, verification: Verification): Closed {
  return { state: withVerification(state, verification), outcome: snapshotOf(verification) };
}

export interface DenyCommand {
  /** WhatsApp's id of the tap. */
  readonly tapId: string;
  /** The message under which the owner tapped, by its provider's id. */
  readonly providerMessageId: string | null;
  /** When the owner tapped, in milliseconds since the epoch; a provider counts in whole seconds. */
  readonly at: number;
  /** The webhook did not name the number: only a message of this id is meant. */
  readonly mustKnowMessage: boolean;
}

/** The denied code's recipient and who requested it; null where no code was denied, or the tap was reported before. */
export type DenyOutcome = { readonly to: E164; readonly attribution: Attribution } | null;

/** More than any limit needs, and few enough that taps cannot fill the record. */
export const KEPT_DENIALS = 10;

/**
 * The number's owner tapped "I didn't request a code": closes the verification of that message. The id of a
 * message is not known before its first status update; until then the newest pending verification is meant that
 * has such a message. A tap that is older than what it would deny is a late repeat and changes nothing.
 */
export function deny(
  before: PhoneState,
  command: DenyCommand,
  now: number,
): { readonly state: PhoneState; readonly outcome: DenyOutcome } {
  const { tapId } = command;
  const advanced = advance(before, now);
  if (advanced.denials.some((denial) => denial.tapId === tapId)) return { state: advanced, outcome: null };
  const denied = findDenied(advanced, command);
  // Without a recent verification there is no request that the denial could count against.
  if (denied === undefined || denied.to === null) return { state: advanced, outcome: null };

  const denials: readonly Denial[] = [...advanced.denials, { at: now, tapId }].slice(-KEPT_DENIALS);
  const state = { ...advanced, denials, known: forgetKnown(advanced.known, denied.attribution) };
  const outcome = { to: denied.to, attribution: denied.attribution };
  if (denied.status !== "pending") return { state, outcome };
  return { state: withVerification(state, close(denied, "failed", "denied_by_user", now)), outcome };
}

function findDenied(
  { verifications }: PhoneState,
  { providerMessageId, at, mustKnowMessage }: DenyCommand,
): Verification | undefined {
  const named = verifications.find(({ messages }) =>
    messages.some((message) => message.providerMessageId === providerMessageId),
  );
  if (providerMessageId !== null && named !== undefined) return wasSentBefore(named, at) ? named : undefined;
  if (mustKnowMessage) return undefined;
  return verifications.findLast(
    (verification) => verification.status === "pending" && mayHaveShown(verification, providerMessageId, at),
  );
}

/** Whether the tap may be under a message of this verification; a message with another id is another message. */
function mayHaveShown({ messages }: Verification, providerMessageId: string | null, at: number): boolean {
  return messages.some(
    (message) =>
      (providerMessageId === null || message.providerMessageId === null) && wasSentBefore(message, at),
  );
}
