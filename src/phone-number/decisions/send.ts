import type { Binding } from "../../codes/binding.ts";
import type { CodeProof, SealedCode } from "../../codes/code.ts";
import type { IdempotencyRequest } from "../../ids/idempotency-key.ts";
import type { VerificationId } from "../../ids/verification-id.ts";
import type { ChannelName } from "../../messages/message.ts";
import type { E164 } from "../../numbering/e164.ts";
import type { Route, SendAnswer, SendOrder } from "../answers.ts";
import { advance, find, type PhoneState, replace } from "../phone-state.ts";
import { CODE_LIFETIME_LIMIT_SECONDS, type Policy } from "../policy.ts";
import { snapshotOf, type VerificationSnapshot } from "../snapshot.ts";
import type { Attribution, FrozenPolicy, StoredCode, Verification } from "../verification.ts";
import { close } from "../verification.ts";
import { type Recalled, recall, remember } from "./idempotency.ts";
import { hasChanged } from "./identity.ts";
import { type Refusal, refuseBusyNumber, refuseDenied, refuseLocked, refuseResend } from "./refusal.ts";
import { addMessage, answerFor, orderFor, type Sendable } from "./send-order.ts";

/** A code ready to be stored: drawn for this request, or brought by the caller. */
export interface CandidateCode {
  readonly proof: CodeProof;
  readonly sealed: SealedCode;
  readonly broughtByCaller: boolean;
}

export interface StartCommand {
  /** Fresh; used unless a pending verification is sent again. */
  readonly id: VerificationId;
  readonly to: E164;
  readonly numberInEvents: Verification["numberInEvents"];
  readonly subscribedTypes: Verification["subscribedTypes"];
  readonly purpose: string;
  readonly policy: FrozenPolicy;
  /** The channels of this deployment that may carry the code, in order. */
  readonly channels: readonly ChannelName[];
  /** The language asked for, or the one to use when nobody asked for any. */
  readonly locale: { readonly tag: string; readonly asked: boolean };
  readonly bind: Binding | null;
  readonly metadata: Readonly<Record<string, string>> | null;
  readonly code: CandidateCode;
  readonly route: Route;
  readonly idempotency: IdempotencyRequest | null;
  readonly attribution: Attribution;
  /** To a test number: nobody sends anything. */
  readonly test: boolean;
  readonly rules: NumberRules;
}

export type ResendCommand = Pick<StartCommand, "id" | "code" | "route" | "idempotency" | "rules">;

/** What the deployment wants done about what its number's own object knows. */
export interface NumberRules {
  /** Somebody who said twice in a day that they asked for no code. */
  readonly owner: "off" | "record_only" | "enforce";
  readonly identityChange: "off" | "report" | "refuse_whatsapp";
}

export type SendOutcome =
  | SendOrder
  /** There is nothing to send. */
  | SendAnswer
  | Refusal
  | Recalled<SendAnswer>
  | { readonly kind: "not_found" }
  | { readonly kind: "closed"; readonly verification: VerificationSnapshot }
  /** The phone has changed hands or at least changed, and the deployment trusts no WhatsApp there. */
  | { readonly kind: "identity_changed" };

type Decision = { readonly state: PhoneState; readonly outcome: SendOutcome };

/** Begins a verification, or sends the pending one of the same purpose and binding again. */
export function start(before: PhoneState, command: StartCommand, now: number): Decision {
  const state = advance(before, now);
  const recalled = recallSend(state, command.idempotency, now);
  if (recalled !== null) return { state, outcome: recalled };

  const pending = state.verifications.find((v) => v.status === "pending" && v.purpose === command.purpose);
  if (pending?.test === command.test && sameBinding(pending.bind, command.bind)) {
    return sendAgain(state, { ...pending, ...restated(pending, command) }, rerouted(pending, command), now);
  }
  const refused = refuseLocked(state, now) ?? refuseBusyNumber(state, now) ?? ownersWord(state, command, now);
  if (refused !== null) return { state, outcome: refused };
  if (distrusts(state, command)) return { state, outcome: { kind: "identity_changed" } };

  const cleared =
    pending === undefined ? state : replace(state, close(pending, "canceled", "superseded", now));
  return dispatch({ ...cleared, to: command.to }, begin(state, command, now), command, now);
}

/** Sends a pending verification again. */
export function resend(before: PhoneState, command: ResendCommand, now: number): Decision {
  const state = advance(before, now);
  const recalled = recallSend(state, command.idempotency, now);
  if (recalled !== null) return { state, outcome: recalled };

  const verification = find(state, command.id);
  if (verification === undefined) return { state, outcome: { kind: "not_found" } };
  if (verification.status !== "pending") {
    return { state, outcome: { kind: "closed", verification: snapshotOf(verification) } };
  }
  return sendAgain(state, verification, command, now);
}

function sendAgain(state: PhoneState, pending: Verification, command: ResendCommand, now: number): Decision {
  const refused = refuseLocked(state, now) ?? refuseResend(pending, now) ?? refuseBusyNumber(state, now);
  if (refused !== null) return { state, outcome: refused };
  const denied = ownersWord(state, command, now);
  if (denied !== null) return { state, outcome: denied };
  if (distrusts(state, command)) return { state, outcome: { kind: "identity_changed" } };
  const code = codeToSend(pending, command.code, now);
  return dispatch(state, { ...pending, code, expiresAt: expiry(pending.policy, code, now) }, command, now);
}

/** Enforced here, where a start and a denial at the same moment cannot miss each other. */
function ownersWord(state: PhoneState, { rules }: ResendCommand, now: number): Refusal | null {
  return rules.owner === "enforce" ? refuseDenied(state, now) : null;
}

function distrusts(state: PhoneState, { rules, route }: ResendCommand): boolean {
  return rules.identityChange === "refuse_whatsapp" && route.channel === "whatsapp" && hasChanged(state);
}

function begin(state: PhoneState, command: StartCommand, now: number): Sendable {
  const {
    id,
    to,
    numberInEvents,
    subscribedTypes: wanted,
    purpose,
    policy,
    bind,
    channels,
    attribution: heldTo,
    test,
  } = command;
  const code = { ...command.code, drawnAt: now };
  return {
    id,
    to,
    numberInEvents,
    subscribedTypes: wanted,
    purpose,
    policy,
    bind,
    channels,
    code,
    attribution: heldTo,
    test,
    identityChanged: hasChanged(state),
    revision: 0,
    locale: command.locale.tag,
    metadata: command.metadata ?? {},
    status: "pending",
    reason: null,
    attempts: 0,
    createdAt: now,
    expiresAt: expiry(policy, code, now),
    closedAt: null,
    messages: [],
  };
}

/** Writes down that a message is about to go out. Whoever reads the outcome has to send it, unless it is a test. */
function dispatch(state: PhoneState, verification: Sendable, command: ResendCommand, now: number): Decision {
  const created = verification.messages.length === 0;
  const placed = addMessage(verification, command.route, now, now);
  const stored = created
    ? { ...state, verifications: [...state.verifications, placed.verification] }
    : replace(state, placed.verification);
  const counted = { ...stored, sendTimes: [...state.sendTimes, now] };
  const outcome = verification.test
    ? answerFor(placed, created)
    : { ...orderFor(placed, created), deniedBefore: refuseDenied(state, now) !== null };
  const answer = outcome.kind === "send_answer" ? outcome : null;
  return { state: remember(counted, command.idempotency, verification.id, answer, now), outcome };
}

/** The part of a policy that a verification keeps; the rest need not travel to its object. */
export function frozen(policy: Policy): FrozenPolicy {
  const { expiresInSeconds, maxAttempts, maxSends, resendAfterSeconds, resend, fallbackAfterSeconds } =
    policy;
  return { expiresInSeconds, maxAttempts, maxSends, resendAfterSeconds, resend, fallbackAfterSeconds };
}

/** What a repeated start says anew; what it leaves out stays as it was. */
function restated(pending: Verification, { locale, metadata }: StartCommand) {
  return { locale: locale.asked ? locale.tag : pending.locale, metadata: metadata ?? pending.metadata };
}

/** A repeated start that asks for no language gets the one its user was first written to in. */
function rerouted(pending: Verification, command: StartCommand): StartCommand {
  const former = pending.messages.findLast(({ channel }) => channel === command.route.channel);
  if (command.locale.asked || former === undefined) return command;
  return {
    ...command,
    route: {
      ...command.route,
      template: former.template,
      language: former.language,
      timeToLiveSeconds: former.timeToLiveSeconds,
    },
  };
}

/**
 * A resend carries the same code, so that an older message stays good; unless the caller brought another
 * one, or the policy wants a new one and the code is ours to draw.
 */
function codeToSend(pending: Verification, candidate: CandidateCode, now: number): StoredCode {
  const kept = pending.code;
  const drawAnew =
    kept === null ||
    (candidate.broughtByCaller
      ? candidate.proof !== kept.proof
      : pending.policy.resend === "new" && !kept.broughtByCaller);
  return drawAnew ? { ...candidate, drawnAt: now } : kept;
}

/** Every message promises the full time, within what a code may live at all. */
function expiry(policy: FrozenPolicy, code: StoredCode, now: number): number {
  return Math.min(now + policy.expiresInSeconds * 1000, code.drawnAt + CODE_LIFETIME_LIMIT_SECONDS * 1000);
}

function sameBinding(a: Binding | null, b: Binding | null): boolean {
  if (a === null || b === null) return a === b;
  return a.amount === b.amount && a.currency === b.currency && a.payee === b.payee;
}

function recallSend(
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
      const verification = find(state, id);
      if (verification === undefined) return null;
      return { kind: "send_answer", created: true, verification: snapshotOf(verification), failure: null };
    },
  );
}
