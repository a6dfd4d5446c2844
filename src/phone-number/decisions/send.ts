import type { CodeCheckedBy } from "../../codes/code.ts";
import type { AppScope } from "../../ids/app-name.ts";
import type { IdempotencyRequest } from "../../ids/idempotency-key.ts";
import type { ChannelName, Route } from "../../messages/message.ts";
import type { E164 } from "../../numbering/e164.ts";
import type { SendAnswer, SendOrder } from "../answers.ts";
import { advance, findOwn, findVerification, type PhoneState, withVerification } from "../phone-state.ts";
import { snapshotOf, type VerificationSnapshot } from "../snapshot.ts";
import { type Attribution, close, hasNotCarried, type Sendable, type Verification } from "../verification.ts";
import { type BeginCommand, beginVerification } from "./begin.ts";
import { type Recalled, recall, remember } from "./idempotency.ts";
import { isHeldBack } from "./identity.ts";
import { isKnown, isSameRequester } from "./known.ts";
import { refuseDenied, refuseLocked, refuseResend, refuseSend, type SendRequest } from "./limits.ts";
import { isSameBinding, isSameSession, oldestSurplus, refuseSurplus, takeOver } from "./pending.ts";
import type { Refusal } from "./refusal.ts";
import { addMessage, answerFor, orderAgain, orderFor } from "./send-order.ts";
import { countSend, reassignSends } from "./send-windows.ts";
import { type CandidateCode, codeToSend, expiry } from "./stored-code.ts";

/**
 * What a start does while one is pending for the same app, purpose and session: send that one again, be refused, or
 * supersede it with another code.
 */
export type WhilePending = "resend" | "refuse" | "supersede";

/** What a start asks of the number's object. */
export interface StartCommand extends BeginCommand {
  readonly to: E164;
  readonly codeLength: number | null;
  readonly codeCheckedBy: CodeCheckedBy;
  readonly whilePending: WhilePending;
  /** The channels that may be used, in order; the route's is the first. */
  readonly channels: readonly ChannelName[];
  readonly code: CandidateCode;
  readonly route: Route;
  readonly idempotency: IdempotencyRequest | null;
  /** For a test number: nothing is sent. */
  readonly test: boolean;
}

/** What sending a verification's code needs, the first time or again. */
type DispatchCommand = Pick<StartCommand, "id" | "channels" | "code" | "route" | "idempotency" | "rules">;

/** What a resend asks of the number's object. */
export interface ResendCommand extends DispatchCommand {
  /** Whose verifications the caller can reach. */
  readonly scope: AppScope;
}

export type SendOutcome =
  | SendOrder
  /** Nothing is left to send. */
  | SendAnswer
  | Refusal
  | Recalled<SendAnswer>
  | { readonly kind: "not_found" }
  /** One is pending, and the start asked to be refused then. */
  | { readonly kind: "already_pending"; readonly verification: VerificationSnapshot }
  | { readonly kind: "closed"; readonly verification: VerificationSnapshot }
  /** It has no code to send: the user is to send a message. */
  | { readonly kind: "proved_by_message" }
  /** The phone has changed, and the rules send it no code. */
  | { readonly kind: "identity_changed" };

type Decision = { readonly state: PhoneState; readonly outcome: SendOutcome };

/**
 * Begins a verification; or, as the command says, sends the pending one of the same app, purpose, session and binding again,
 * supersedes it, or does nothing.
 */
export function start(before: PhoneState, command: StartCommand, now: number): Decision {
  const state = advance(before, now);
  const repeated = findVerification(state, command.id);
  if (repeated !== undefined) return { state, outcome: orderAgain(repeated) };
  const recalled = recallSend(state, command.idempotency, now);
  if (recalled !== null) return { state, outcome: recalled };

  const pending = state.verifications.find((v) => v.status === "pending" && isSameSession(v, command));
  const { whilePending } = command;
  if (pending !== undefined && whilePending === "refuse") {
    return { state, outcome: { kind: "already_pending", verification: snapshotOf(pending) } };
  }
  const isSame = pending?.test === command.test && isSameBinding(pending.bind, command.bind);
  if (isSame && whilePending !== "supersede") {
    const { attribution } = command;
    return sendAgain(state, restate(pending, command), withFormerRoute(pending, command), attribution, now);
  }
  const requester = command.attribution;
  const followed = whilePending === "supersede" ? pending : undefined;
  const refused =
    followed === undefined
      ? refuseSend(state, { ...command, requester, isOtherChannel: false }, now)
      : refuseNext(state, followed, { ...command, requester, isOtherChannel: false }, now);
  if (refused !== null) return { state, outcome: refused };
  const superseded = pending ?? oldestSurplus(state, command, isKnown(state, requester));
  if (superseded === "all_known") return { state, outcome: refuseSurplus(state, command, now) };
  if (isHeldBack(state, command.rules, now)) return { state, outcome: { kind: "identity_changed" } };

  const cleared =
    superseded === undefined
      ? state
      : withVerification(state, close(superseded, "canceled", "superseded", now));
  const begun = begin(state, command, now);
  const next = { ...cleared, to: command.to };
  if (followed === undefined) return dispatch(next, begun, command, now);
  const sends = reassignSends(next.sends, followed.id, begun.id);
  return dispatch({ ...next, sends }, takeOver(begun, followed), command, now);
}

/** Sends a pending verification again. */
export function resend(before: PhoneState, command: ResendCommand, now: number): Decision {
  const state = advance(before, now);
  const recalled = recallSend(state, command.idempotency, now);
  if (recalled !== null) return { state, outcome: recalled };

  const verification = findOwn(state, command.id, command.scope);
  if (verification === undefined) return { state, outcome: { kind: "not_found" } };
  if (verification.status !== "pending") {
    return { state, outcome: { kind: "closed", verification: snapshotOf(verification) } };
  }
  if (verification.link !== null) return { state, outcome: { kind: "proved_by_message" } };
  return sendAgain(state, verification, command, verification.attribution, now);
}

function sendAgain(
  state: PhoneState,
  pending: Verification,
  command: DispatchCommand,
  requester: Attribution,
  now: number,
): Decision {
  const { purpose, test } = pending;
  const isOtherChannel = hasNotCarried(pending, command.route.channel);
  const request = { purpose, test, requester, rules: command.rules, isOtherChannel };
  const refused = refuseNext(state, pending, request, now);
  if (refused !== null) return { state, outcome: refused };
  if (isHeldBack(state, command.rules, now)) return { state, outcome: { kind: "identity_changed" } };
  const code = codeToSend(pending, command.code, now);
  return dispatch(state, { ...pending, code, expiresAt: expiry(pending.policy, code, now) }, command, now);
}

/**
 * Refuses another message of a pending verification, or of the one that supersedes it. The refusal names the verification
 * that the message was for; one of the number says nothing about it.
 */
function refuseNext(
  state: PhoneState,
  pending: Verification,
  request: SendRequest,
  now: number,
): Refusal | null {
  const locked = refuseLocked(state, now);
  if (locked !== null) return locked;
  const refused =
    (request.test ? null : refuseResend(pending, request.isOtherChannel, now)) ??
    refuseSend(state, request, now);
  if (refused === null || refused.code === "number_locked") return refused;
  return { ...refused, pending: snapshotOf(pending) };
}

function begin(state: PhoneState, command: StartCommand, now: number): Sendable {
  const code = { ...command.code, drawnAt: now };
  const { codeLength, codeCheckedBy, channels, test } = command;
  const expiresAt = expiry(command.policy, code, now);
  const byCode = { code, link: null, codeLength, codeCheckedBy, channels, test, expiresAt };
  return beginVerification(state, command, byCode, now);
}

/**
 * Records a message that is about to be sent. The outcome orders the send, except for a test number: nothing is sent
 * to it, so that it is not counted, and its messages beyond the allowed ones are not kept.
 */
function dispatch(
  state: PhoneState,
  verification: Sendable,
  command: DispatchCommand,
  now: number,
): Decision {
  const { id, test, messages } = verification;
  const created = messages.length === 0;
  const isFull = test && messages.length >= verification.policy.maxSends;
  const placed = addMessage(
    isFull ? { ...verification, messages: messages.slice(1) } : verification,
    command.route,
    now,
    now,
  );
  const stored = created
    ? { ...state, verifications: [...state.verifications, placed.verification] }
    : withVerification(state, placed.verification);
  const counted = test ? stored : { ...stored, sends: countSend(state.sends, id, now) };
  const outcome = test
    ? answerFor(placed, created)
    : { ...orderFor(placed, created), deniedBefore: refuseDenied(state, now) !== null };
  const answer = outcome.kind === "send_answer" ? outcome : null;
  return { state: remember(counted, command.idempotency, id, answer, now), outcome };
}

/** Takes the language that a repeated start names. Its metadata is not taken: it may come from somebody else. */
function restate(pending: Verification, { locale, attribution }: StartCommand): Verification {
  const hasSeveralRequesters =
    pending.hasSeveralRequesters || !isSameRequester(pending.attribution, attribution);
  return { ...pending, hasSeveralRequesters, locale: locale.asked ? locale.tag : pending.locale };
}

/** A repeated start that requests no language gets the template and language that its user had before. */
function withFormerRoute(pending: Verification, command: StartCommand): StartCommand {
  const { channel } = command.route;
  const former = pending.messages.findLast((message) => message.channel === channel);
  if (command.locale.asked || former === undefined) return command;
  const { template, language, timeToLiveSeconds } = former;
  return { ...command, route: { channel, template, language, timeToLiveSeconds } };
}

/** What a repeated start or resend gets. */
export function recallSend(
  state: PhoneState,
  request: IdempotencyRequest | null,
  now: number,
): Recalled<SendAnswer> | null {
  return recall(
    state,
    request,
    now,
    (answer) => answer.kind === "send_answer",
    ({ id }) => {
      const verification = findVerification(state, id);
      if (verification === undefined) return null;
      return {
        kind: "send_answer",
        created: true,
        verification: snapshotOf(verification),
        failure: null,
        retryAfterMs: 0,
      };
    },
  );
}
