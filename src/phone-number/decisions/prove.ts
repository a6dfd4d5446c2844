import type { LinkName } from "../../codes/token.ts";
import type { PhoneNumberName } from "../../ids/phone-number-name.ts";
import type { ProtectedNumber } from "../../ids/protected-number.ts";
import { ownerOf, type VerificationId } from "../../ids/verification-id.ts";
import { type Subscriber, subscriberOf } from "../../numbering/subscriber.ts";
import { MINUTE_MS } from "../../platform/time.ts";
import type { MessageLink } from "../message-link.ts";
import { advance, type Denial, findVerification, type PhoneState, withVerification } from "../phone-state.ts";
import { snapshotOf, type VerificationSnapshot } from "../snapshot.ts";
import { close, type Verification } from "../verification.ts";
import { type DenyOutcome, KEPT_DENIALS } from "./cancel.ts";
import { approveIdentity } from "./identity.ts";
import { forgetKnown, rememberKnown } from "./known.ts";
import { withoutPurpose } from "./purpose-block.ts";
import { giveBackSends } from "./send-windows.ts";

/** The number that a message came from, as WhatsApp's signed webhook names it. */
export interface MessageSource {
  readonly number: Subscriber;
  /** The names of its object: its own, former ones, and the one that WhatsApp's answers have taught. */
  readonly names: readonly PhoneNumberName[];
  /** For the verification that learns the number. */
  readonly protectedNumber: ProtectedNumber;
  /** Whether the guard allows a learned number. */
  readonly isAllowed: boolean;
}

export interface ProveCommand {
  readonly id: VerificationId;
  readonly link: LinkName;
  readonly source: MessageSource;
  /** A digest of WhatsApp's id of the message. */
  readonly messageId: string;
  /** When the user sent it, by Meta's clock, which counts whole seconds. */
  readonly at: number;
}

export type ProveOutcome =
  | { readonly kind: "approved"; readonly verification: VerificationSnapshot }
  /** The number is not the claimed one; its user learns nothing. */
  | { readonly kind: "other_number"; readonly verification: VerificationSnapshot }
  /** Another message has approved it. */
  | { readonly kind: "used"; readonly verification: VerificationSnapshot }
  | {
      readonly kind: "late";
      readonly verification: VerificationSnapshot;
      /** The first late message; a later one gets no answer. */
      readonly isFirst: boolean;
    }
  /** It was canceled, or has failed. */
  | { readonly kind: "closed"; readonly verification: VerificationSnapshot }
  | { readonly kind: "not_allowed"; readonly verification: VerificationSnapshot }
  | { readonly kind: "unknown" };

type Decision = { readonly state: PhoneState; readonly outcome: ProveOutcome };

/** Meta's clock counts whole seconds. */
const SECOND_MS = 1_000;

/** How far Meta's clock, in whole seconds, may be behind this one. */
const CLOCK_TOLERANCE_MS = 5_000;

/** How long after the approval the owner can say that it was not them. */
const DISOWNABLE_MS = 10 * MINUTE_MS;

/**
 * A message with the verification's token has come: approves it where the message is from the claimed number, or from the
 * number to learn. The token is used up by the first message from any number, so that another one learns nothing by
 * trying (NIST SP 800-63B-4 section 3.1.3.2). The same message again, which a repeated webhook brings, has the same
 * outcome.
 */
export function prove(before: PhoneState, command: ProveCommand, now: number): Decision {
  const state = advance(before, now);
  const verification = findVerification(state, command.id);
  const link = verification?.link ?? null;
  if (verification === undefined || link === null || link.name !== command.link) {
    return { state, outcome: { kind: "unknown" } };
  }
  if (verification.status !== "pending") return proveClosed(state, verification, link, command);
  const { at, source } = command;
  if (at > verification.expiresAt) return proveLate(state, verification, link, command);
  if (at < verification.createdAt - CLOCK_TOLERANCE_MS) return { state, outcome: { kind: "unknown" } };

  const used = { ...link, messageId: command.messageId };
  if (!link.learnsNumber && !source.names.includes(ownerOf(verification.id))) {
    const other = { ...used, otherNumberEndsWith: source.number.slice(-2) };
    return closeAs(state, { ...verification, link: other }, "other_number", now);
  }
  if (link.learnsNumber && !source.isAllowed) {
    return closeAs(state, { ...verification, link: used }, "destination_not_allowed", now);
  }
  const learned = { to: source.number, protectedNumber: source.protectedNumber };
  const proved = { ...verification, link: used, ...(link.learnsNumber ? learned : {}) };
  return approve(state, proved, now);
}

/**
 * The phone's owner has sent the message themselves, so that this shows who holds the phone as a right code does. In the
 * object of a verification that learned its number, nothing is recorded about a number.
 */
function approve(state: PhoneState, proved: Verification, now: number): Decision {
  const verification = close(proved, "approved", null, now);
  const approved = withVerification(state, verification);
  const outcome: ProveOutcome = { kind: "approved", verification: snapshotOf(verification) };
  if (verification.link?.learnsNumber === true) return { state: approved, outcome };
  return {
    outcome,
    state: {
      ...approveIdentity(approved, verification.rules, now),
      consecutiveFailures: 0,
      lockedUntil: 0,
      purposeFailures: withoutPurpose(state.purposeFailures, verification.purpose),
      sends: giveBackSends(state.sends, verification.id),
      known: rememberKnown(state.known, verification, now),
    },
  };
}

function closeAs(
  state: PhoneState,
  refused: Verification,
  reason: "other_number" | "destination_not_allowed",
  now: number,
): Decision {
  const verification = close(refused, "failed", reason, now);
  const kind = reason === "other_number" ? reason : "not_allowed";
  return {
    state: withVerification(state, verification),
    outcome: { kind, verification: snapshotOf(verification) },
  };
}

function proveClosed(
  state: PhoneState,
  verification: Verification,
  link: MessageLink,
  command: ProveCommand,
): Decision {
  const snapshot = snapshotOf(verification);
  const isRepeat = link.messageId === command.messageId;
  if (verification.status === "approved") {
    return { state, outcome: { kind: isRepeat ? "approved" : "used", verification: snapshot } };
  }
  if (verification.status === "expired") return proveLate(state, verification, link, command);
  return { state, outcome: { kind: "closed", verification: snapshot } };
}

function proveLate(
  state: PhoneState,
  verification: Verification,
  link: MessageLink,
  { messageId }: ProveCommand,
): Decision {
  const snapshot = snapshotOf(verification);
  const isFirst = link.lateMessageId === null || link.lateMessageId === messageId;
  const outcome: ProveOutcome = { kind: "late", verification: snapshot, isFirst };
  if (link.lateMessageId !== null) return { state, outcome };
  const noted = { ...verification, link: { ...link, lateMessageId: messageId } };
  return { state: withVerification(state, noted), outcome };
}

/** A tap on "It wasn't me". */
export interface DisownCommand {
  readonly id: VerificationId;
  readonly source: Pick<MessageSource, "number" | "names">;
  /** WhatsApp's id of the tap. */
  readonly tapId: string;
  /** When the owner tapped, by Meta's clock. */
  readonly at: number;
}

/**
 * The owner says that they did not begin what their message has approved: ends the verification, up to ten minutes after
 * the approval, and counts as a denial against who began it. Only the number that approved it can say so.
 */
export function disown(
  before: PhoneState,
  { id, source, tapId, at }: DisownCommand,
  now: number,
): { readonly state: PhoneState; readonly outcome: DenyOutcome } {
  const state = advance(before, now);
  const verification = findVerification(state, id);
  if (verification === undefined || verification.link === null || verification.status !== "approved") {
    return { state, outcome: null };
  }
  const { to, closedAt, attribution, link } = verification;
  const isOwner = to !== null && isFrom(source, verification.id, link.learnsNumber ? to : null);
  if (to === null || !isOwner || at > (closedAt ?? 0) + DISOWNABLE_MS) return { state, outcome: null };
  const denials: readonly Denial[] = [...state.denials, { at: now, tapId }].slice(-KEPT_DENIALS);
  const ended = withVerification(state, close(verification, "failed", "denied_by_user", now));
  return {
    state: { ...ended, denials, known: forgetKnown(state.known, attribution) },
    outcome: { to, attribution },
  };
}

function isFrom(
  { number, names }: DisownCommand["source"],
  id: VerificationId,
  learned: VerificationSnapshot["to"],
): boolean {
  return learned === null ? names.includes(ownerOf(id)) : subscriberOf(learned) === number;
}

/**
 * The user has moved their account to another number: what was begun before for this one is not theirs to finish any
 * more. The webhook may be repeated for days, so that later verifications stay.
 */
export function endBegunBefore(
  before: PhoneState,
  at: number,
  now: number,
): { readonly state: PhoneState; readonly outcome: undefined } {
  const state = advance(before, now);
  const open = state.verifications.filter((v) => v.status === "pending" && v.createdAt < at + SECOND_MS);
  const ended = open.reduce(
    (current, v) => withVerification(current, close(v, "failed", "number_changed", now)),
    state,
  );
  return { state: ended, outcome: undefined };
}
