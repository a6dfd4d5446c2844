import type { VerificationId } from "../../ids/verification-id.ts";
import { applyUpdate, type DeliveryUpdate, type PricedMessage } from "../../messages/delivery-update.ts";
import type { ChannelFailure, Message, MessageError, Route, SendResult } from "../../messages/message.ts";
import type { SendAnswer, SendOrder } from "../answers.ts";
import {
  advance,
  findVerification,
  KEPT_REFUSED,
  type PhoneState,
  withVerification,
} from "../phone-state.ts";
import { snapshotOf } from "../snapshot.ts";
import { close, type Verification } from "../verification.ts";
import { fallBack } from "./fallback.ts";
import { recordIdentity } from "./identity.ts";
import { orderFor } from "./send-order.ts";

export interface SettleCommand {
  readonly id: VerificationId;
  readonly ordinal: number;
  readonly created: boolean;
  /** The template it was sent with; a fallback message has none before it is sent. */
  readonly route: Route;
  readonly result: SendResult;
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
  if (result.kind === "accepted") return conclude(withVerification(advanced, sent), sent, command);
  const state = recordIdentity(withVerification(advanced, sent), {
    hash: null,
    errorCode: result.failure.code,
    at: now,
  });
  const settled = findVerification(state, sent.id) ?? sent;

  // A message that was certainly not sent does not count towards the number's sends of the day.
  const counted =
    result.kind === "refused" ? { ...state, sendTimes: without(state.sendTimes, message.createdAt) } : state;
  const next = fallBack(counted, settled, "request", now);
  if (next !== null) return { state: next.state, outcome: orderFor(next.placed, command.created) };
  const closed = closeIfUndeliverable(settled, now);
  return conclude(forgetRefused(withVerification(counted, closed)), closed, command);
}

function conclude(state: PhoneState, verification: Verification, command: SettleCommand) {
  const outcome: SendAnswer = {
    kind: "send_answer",
    created: command.created,
    verification: snapshotOf(verification),
    failure: command.result.kind === "accepted" ? null : command.result.failure,
  };
  const idempotency = state.idempotency.map((record) =>
    record.key === command.idempotencyKey ? { ...record, answer: outcome } : record,
  );
  return { state: { ...state, idempotency }, outcome };
}

/**
 * Applies the updates of a provider's webhook to this number's messages; updates about forgotten messages
 * change nothing. The outcome is the messages whose price became known, each reported once.
 */
export function recordUpdates(
  before: PhoneState,
  updates: readonly DeliveryUpdate[],
  now: number,
): { readonly state: PhoneState; readonly outcome: readonly PricedMessage[] } {
  const advanced = advance(before, now);
  const state = updates.reduce((current, update) => recordUpdate(current, update, now), advanced);
  return { state, outcome: newlyPriced(advanced, state) };
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
  const { verification, ordinal, message } = found;
  const changed = applyUpdate(message, update);
  if (changed === message) return state;
  const updated = withMessage(verification, ordinal, changed);
  const isNewest = ordinal === verification.messages.length - 1;
  const failed = changed.status === "failed" && message.status !== "failed" && isNewest;
  const next = failed ? fallBack(withVerification(state, updated), updated, "queue", now) : null;
  return next?.state ?? withVerification(state, closeIfUndeliverable(updated, now));
}

function locate(state: PhoneState, update: DeliveryUpdate) {
  if (update.message !== null) {
    const verification = findVerification(state, update.message.id);
    const message = verification?.messages[update.message.ordinal];
    return verification && message ? { verification, ordinal: update.message.ordinal, message } : null;
  }
  const places = state.verifications.flatMap((verification) =>
    verification.messages.map((message, ordinal) => ({ verification, ordinal, message })),
  );
  const known = places.find(({ message }) => message.providerMessageId === update.providerMessageId);
  // A message that has no provider id yet gets it from its first update; the newest one is the likeliest.
  return known ?? places.findLast(({ message }) => message.providerMessageId === null) ?? null;
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

function without(times: readonly number[], time: number): readonly number[] {
  const at = times.lastIndexOf(time);
  return at < 0 ? times : times.toSpliced(at, 1);
}

function errorOf({ code, title, action }: ChannelFailure): MessageError {
  return { code, title, action };
}
