import type { LinkName, SealedToken } from "../../codes/token.ts";
import type { IdempotencyRequest } from "../../ids/idempotency-key.ts";
import type { MessageLink } from "../message-link.ts";
import { advance, findVerification, type PhoneState, withVerification } from "../phone-state.ts";
import { snapshotOf, type VerificationSnapshot } from "../snapshot.ts";
import { close, type Verification } from "../verification.ts";
import { type BeginCommand, beginVerification } from "./begin.ts";
import { remember } from "./idempotency.ts";
import { isHeldBack } from "./identity.ts";
import { isKnown, isSameRequester } from "./known.ts";
import { refuseDenied } from "./limits.ts";
import { isSameBinding, isSameSession, oldestSurplus, refuseSurplus } from "./pending.ts";
import { refuseBlockedPurpose } from "./purpose-block.ts";
import type { Refusal } from "./refusal.ts";
import { recallSend, type SendOutcome } from "./send.ts";

/** What a start by a message asks of the object. Nothing is sent, so that it names neither a channel nor a code. */
export interface OpenLinkCommand extends BeginCommand {
  /** A fresh token, unused where the link of a pending verification is answered. */
  readonly link: { readonly name: LinkName; readonly sealed: SealedToken; readonly sender: string };
  readonly idempotency: IdempotencyRequest | null;
}

export type OpenLinkOutcome =
  | {
      readonly kind: "link";
      readonly created: boolean;
      readonly verification: VerificationSnapshot;
      /** Null where an idempotency key is answered again and the verification has closed. */
      readonly link: OpenLink | null;
    }
  | Extract<SendOutcome, { kind: "idempotency_mismatch" | "idempotency_in_progress" | "identity_changed" }>
  | Refusal;

/** A link whose message can still be sent. */
export type OpenLink = MessageLink & { readonly sealed: SealedToken };

type Decision = { readonly state: PhoneState; readonly outcome: OpenLinkOutcome };

/** More closed ones say nothing that matters; starts by a message are no sends, so that nothing else bounds them. */
const KEPT_CLOSED = 20;

/**
 * Begins a verification that the user proves by a message, or answers the link of the pending one of the same app,
 * purpose, session and binding. Without a session, only the network and device that began it get its link.
 *
 * Nothing is sent, so that the windows of sends and the lock after wrong codes do not apply: this is the way in for an
 * owner whose number others have used up. Blocks of the purpose and the owner's denials do.
 */
export function openLink(before: PhoneState, command: OpenLinkCommand, now: number): Decision {
  const state = advance(before, now);
  const repeated = findVerification(state, command.id);
  if (repeated !== undefined) return { state, outcome: answerOf(repeated, true) };
  const recalled = recallSend(state, command.idempotency, now);
  if (recalled?.kind === "replayed") return { state, outcome: replay(state, recalled.answer) };
  if (recalled !== null) return { state, outcome: recalled };

  const pending = state.verifications.find(
    (v) => v.status === "pending" && isSameSession(v, command, "message") && isSameUser(v, command),
  );
  if (pending !== undefined && isSameBinding(pending.bind, command.bind) && now < pending.expiresAt) {
    return remembered(state, pending, false, command, now);
  }
  const refused = refuseLink(state, command, now);
  if (refused !== null) return { state, outcome: refused };
  const surplus = oldestSurplus(state, command, isKnown(state, command.attribution), "message");
  const superseded = pending ?? surplus;
  if (superseded === "all_known") {
    return { state, outcome: refuseSurplus(state, command, now, "message") };
  }
  if (isHeldBack(state, command.rules, now)) return { state, outcome: { kind: "identity_changed" } };

  const cleared =
    superseded === undefined
      ? state
      : withVerification(state, close(superseded, "canceled", "superseded", now));
  const begun = begin(cleared, command, now);
  const verifications = withoutOldLinks([...cleared.verifications, begun]);
  const next = { ...cleared, to: command.to ?? cleared.to, verifications };
  return remembered(next, begun, true, command, now);
}

function begin(state: PhoneState, command: OpenLinkCommand, now: number): Verification {
  const link: MessageLink = {
    ...command.link,
    learnsNumber: command.to === null,
    messageId: null,
    otherNumberEndsWith: null,
    lateMessageId: null,
  };
  const expiresAt = now + command.policy.expiresInSeconds * 1000;
  const none = { code: null, codeLength: null, codeCheckedBy: "sandi", channels: [], test: false } as const;
  return beginVerification(state, command, { ...none, link, expiresAt }, now);
}

/** With a session, that says whose it is; without one, two users of an app must not share a link. */
function isSameUser(pending: Verification, { session, attribution }: OpenLinkCommand): boolean {
  return session !== null || isSameRequester(pending.attribution, attribution);
}

function refuseLink(
  state: PhoneState,
  { purpose, rules }: Pick<OpenLinkCommand, "purpose" | "rules">,
  now: number,
): Refusal | null {
  const blocked = refuseBlockedPurpose(state, purpose, now);
  return blocked ?? (rules.owner === "enforce" ? refuseDenied(state, now) : null);
}

function remembered(
  state: PhoneState,
  verification: Verification,
  created: boolean,
  { idempotency }: OpenLinkCommand,
  now: number,
): Decision {
  const answer = {
    kind: "send_answer",
    created,
    verification: snapshotOf(verification),
    failure: null,
    retryAfterMs: 0,
  } as const;
  return {
    state: remember(state, idempotency, verification.id, answer, now),
    outcome: answerOf(verification, created),
  };
}

function answerOf(verification: Verification, created: boolean): OpenLinkOutcome {
  return { kind: "link", created, verification: snapshotOf(verification), link: openLinkOf(verification) };
}

/** The stored answer has no token, so that the link is that of the verification, as long as it is pending. */
function replay(
  state: PhoneState,
  { created, verification }: Pick<Extract<OpenLinkOutcome, { kind: "link" }>, "created" | "verification">,
): OpenLinkOutcome {
  const found = findVerification(state, verification.id);
  const link = found === undefined ? null : openLinkOf(found);
  return { kind: "link", created, verification, link };
}

function openLinkOf({ status, link }: Verification): OpenLink | null {
  if (status !== "pending" || link === null || link.sealed === null) return null;
  return { ...link, sealed: link.sealed };
}

/** Drops the oldest of those without an answer, beyond what is kept of them. */
function withoutOldLinks(verifications: readonly Verification[]): readonly Verification[] {
  const closed = verifications.filter(
    ({ link, status }) => link !== null && (status === "canceled" || status === "expired"),
  );
  const dropped = new Set(closed.slice(0, -KEPT_CLOSED));
  return dropped.size === 0 ? verifications : verifications.filter((v) => !dropped.has(v));
}
