import type { VerificationId } from "../../ids/verification-id.ts";
import {
  applyUpdate,
  type DeliveryUpdate,
  type FailedMessage,
  type PricedMessage,
} from "../../messages/delivery-update.ts";
import {
  type ChannelFailure,
  type Message,
  type MessageError,
  type Route,
  type SendResult,
  wasSentBefore,
} from "../../messages/message.ts";
import type { SendAnswer, SendOrder } from "../answers.ts";
import {
  advance,
  findVerification,
  type IdempotencyRecord,
  KEPT_REFUSED,
  type PhoneState,
  withVerification,
} from "../phone-state.ts";
import type { NumberRules } from "../policy.ts";
import { snapshotOf } from "../snapshot.ts";
import { close, type Verification } from "../verification.ts";
import { fallBack } from "./fallback.ts";
import { recordIdentity } from "./identity.ts";
import { refuseSend } from "./limits.ts";
import { orderFor } from "./send-order.ts";
import { holdAfter, recordRefusedSend } from "./send-windows.ts";

export interface SettleCommand {
  readonly id: VerificationId;
  readonly ordinal: number;
  readonly created: boolean;
  /** The template it was sent with; a fallback message has none before it is sent. */
  readonly route: Route;
  readonly result: SendResult;
  readonly rules: NumberRules;
  readonly idempotencyKey: string | null;
}

/**
 * Records the result of a send. When it may have failed and another channel is left, the outcome is the order
 * to use that one: two messages with the same code are better than none. Otherwise it is the answer for the
 * caller, which is stored for the request's idempotency key. Null for a verification that is unknown.
 */
export function settle(
  before: PhoneState,
  command: SettleCommand,
  now: number,
): { readonly state: PhoneState; readonly outcome: SendAnswer | SendOrder | null } {
  const advanced = advance(before, now);
  const verification = findVerification(advanced, command.id);
  const message = verification?.messages[command.ordinal];
  if (verification === undefined || message === undefined) return { state: advanced, outcome: null };

  const { result } = command;
  const sent = withMessage(verification, command.ordinal, settleMessage(message, command, now));
  if (result.kind === "accepted") return conclude(withVerification(advanced, sent), sent, command, now);
  const state = recordIdentity(withVerification(advanced, sent), {
    hash: null,
    errorCode: result.failure.code,
    at: now,
  });
  const settled = findVerification(state, sent.id) ?? sent;

  const { code } = result.failure;
  const counted = {
    ...state,
    sends:
      result.kind === "refused"
        ? recordRefusedSend(state.sends, command.id, message.createdAt, code)
        : state.sends,
    pairHold: holdAfter(state.pairHold, code, now),
  };
  const next = fallBack(counted, settled, "request", now);
  if (next !== null) return { state: next.state, outcome: orderFor(next.placed, command.created) };
  const closed = closeIfUndeliverable(settled, now);
  return conclude(forgetRefused(withVerification(counted, closed)), closed, command, now);
}

function conclude(state: PhoneState, verification: Verification, command: SettleCommand, now: number) {
  const outcome: SendAnswer = {
    kind: "send_answer",
    created: command.created,
    verification: snapshotOf(verification),
    failure: command.result.kind === "accepted" ? null : command.result.failure,
    retryAfterMs: command.result.kind === "accepted" ? 0 : waitOf(state, verification, command, now),
  };
  const isForgotten = ({ key, forgetsFailure }: IdempotencyRecord) =>
    key === command.idempotencyKey && forgetsFailure === true && outcome.failure?.temporary === true;
  const idempotency = state.idempotency
    .filter((record) => !isForgotten(record))
    .map((record) => (record.key === command.idempotencyKey ? { ...record, answer: outcome } : record));
  return { state: { ...state, idempotency }, outcome };
}

/** When the number's limits allow the next start of the same purpose by the same network and device. */
function waitOf(
  state: PhoneState,
  { purpose, test, attribution }: Verification,
  { rules }: SettleCommand,
  now: number,
): number {
  return (
    refuseSend(state, { purpose, test, requester: attribution, rules, isOtherChannel: false }, now)
      ?.retryAfterMs ?? 0
  );
}

/** What the updates showed about messages of this number. */
export interface UpdateReport {
  /** The messages whose price became known, each reported once. */
  readonly priced: readonly PricedMessage[];
  /** The messages that failed, repeats included. A message that was only inferred is not reported. */
  readonly failed: readonly FailedMessage[];
}

/**
 * Applies the updates of a provider's webhook to this number's messages; updates about unknown or forgotten
 * messages change nothing.
 */
export function recordUpdates(
  before: PhoneState,
  updates: readonly DeliveryUpdate[],
  now: number,
): { readonly state: PhoneState; readonly outcome: UpdateReport } {
  const advanced = advance(before, now);
  const state = updates.reduce((current, update) => recordUpdate(current, update, now), advanced);
  const failed = updates
    .filter(({ status }) => status === "failed")
    .flatMap((update) => failedMessage(advanced, update) ?? []);
  return { state, outcome: { priced: newlyPriced(advanced, state), failed } };
}

function failedMessage(state: PhoneState, update: DeliveryUpdate): FailedMessage | null {
  const found = findNamed(state, update);
  if (found === null) return null;
  const { template, language } = found.message;
  const { country } = found.verification.protectedNumber;
  return { providerMessageId: update.providerMessageId, country, template, language };
}

function newlyPriced(before: PhoneState, after: PhoneState): readonly PricedMessage[] {
  return after.verifications.flatMap((verification) => {
    const former = findVerification(before, verification.id)?.messages ?? [];
    return verification.messages.flatMap(({ pricing }, ordinal) =>
      pricing === null || former[ordinal]?.pricing != null
        ? []
        : { ...pricing, country: verification.protectedNumber.country },
    );
  });
}

function recordUpdate(before: PhoneState, update: DeliveryUpdate, now: number): PhoneState {
  const { identityHash = null, error, at } = update;
  const state = recordIdentity(before, { hash: identityHash, errorCode: error?.code ?? null, at });
  const found = locate(state, update);
  if (found === null) return state;
  const { message } = found;
  const applied = applyUpdate(message, update);
  if (applied === message) return state;
  const changed = withSender(applied, update.sender ?? null);
  const pairHold = holdAfter(state.pairHold, changed.error?.code ?? null, now);
  return applyChange(pairHold === state.pairHold ? state : { ...state, pairHold }, found, changed, now);
}

function withSender(message: Message, sender: string | null): Message {
  return message.sender !== undefined || sender === null ? message : { ...message, sender };
}

function applyChange(
  state: PhoneState,
  { verification, ordinal, message }: FoundMessage,
  changed: Message,
  now: number,
): PhoneState {
  const updated = withMessage(verification, ordinal, changed);
  const isNewest = ordinal === verification.messages.length - 1;
  const failed = changed.status === "failed" && message.status !== "failed" && isNewest;
  const next = failed ? fallBack(withVerification(state, updated), updated, "queue", now) : null;
  return next?.state ?? withVerification(state, closeIfUndeliverable(updated, now));
}

interface FoundMessage {
  readonly verification: Verification;
  readonly ordinal: number;
  readonly message: Message;
}

function locate(state: PhoneState, update: DeliveryUpdate): FoundMessage | null {
  return findNamed(state, update) ?? inferMessage(state, update);
}

/** The message that an update names, by its callback data or by its provider's id. */
function findNamed(state: PhoneState, update: DeliveryUpdate): FoundMessage | null {
  if (update.message !== null) {
    const verification = findVerification(state, update.message.id);
    const message = verification?.messages[update.message.ordinal];
    return verification && message ? { verification, ordinal: update.message.ordinal, message } : null;
  }
  return (
    messagesOf(state).find(({ message }) => message.providerMessageId === update.providerMessageId) ?? null
  );
}

function messagesOf({ verifications }: PhoneState): readonly FoundMessage[] {
  return verifications.flatMap((verification) =>
    verification.messages.map((message, ordinal) => ({ verification, ordinal, message })),
  );
}

/**
 * The message that a failure without callback data means, although its id is not known yet. Other systems, such
 * as a team's inbox, send from the same number, so this is inferred only of a failure that any message to this
 * recipient would meet, where exactly one message has no id yet and it was sent before the failure.
 */
function inferMessage(state: PhoneState, update: DeliveryUpdate): FoundMessage | null {
  const isCandidate =
    update.message === null && update.status === "failed" && update.failsAnyMessage === true;
  if (!isCandidate) return null;
  const [candidate, ...others] = messagesOf(state).filter(
    ({ message }) =>
      message.channel === "whatsapp" && message.status === "queued" && message.providerMessageId === null,
  );
  if (candidate === undefined || others.length > 0) return null;
  const isOpen = candidate.verification.status === "pending";
  return isOpen && wasSentBefore(candidate.message, update.at) ? candidate : null;
}

function settleMessage(message: Message, { result, route }: SettleCommand, now: number): Message {
  const { template, language, timeToLiveSeconds } = route;
  switch (result.kind) {
    case "accepted":
      return {
        ...message,
        template,
        language,
        timeToLiveSeconds,
        providerMessageId: message.providerMessageId ?? result.providerMessageId,
      };
    case "unknown":
      return {
        ...message,
        template,
        language,
        timeToLiveSeconds,
        error: errorOf(result.failure),
        updatedAt: now,
      };
    case "refused":
      return {
        ...message,
        template,
        language,
        status: "failed",
        error: errorOf(result.failure),
        updatedAt: now,
      };
  }
}

/** When every message has failed, the user cannot have the code. */
function closeIfUndeliverable(verification: Verification, now: number): Verification {
  if (verification.status !== "pending") return verification;
  const isUndeliverable = verification.messages.every(({ status }) => status === "failed");
  return isUndeliverable ? close(verification, "failed", "undeliverable", now) : verification;
}

function withMessage(verification: Verification, ordinal: number, message: Message): Verification {
  return { ...verification, messages: verification.messages.with(ordinal, message) };
}

/** Refused sends count towards no limit, so the number of their verifications is bounded here. */
function forgetRefused(state: PhoneState): PhoneState {
  const refused = state.verifications.filter((v) => v.reason === "undeliverable");
  const forgotten = new Set(refused.slice(0, -KEPT_REFUSED));
  if (forgotten.size === 0) return state;
  return { ...state, verifications: state.verifications.filter((v) => !forgotten.has(v)) };
}

function errorOf({ code, title, action, details }: ChannelFailure): MessageError {
  return details === undefined ? { code, title, action } : { code, title, action, details };
}
