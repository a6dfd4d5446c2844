import type { VerificationId } from "../../ids/verification-id.ts";
import type { Message } from "../../messages/message.ts";
import type { SendOrder } from "../answers.ts";
import { advance, find, type PhoneState, replace } from "../phone-state.ts";
import type { SendJob } from "../send-job.ts";
import type { Verification } from "../verification.ts";
import { nextChannel, silentAt } from "../verification.ts";
import { IDENTITY_MISMATCH } from "./identity.ts";
import { refuseBusyNumber, refuseDenied, refuseLocked } from "./refusal.ts";
import { addMessage, isSendable, orderFor, type Placed } from "./send-order.ts";

/** A sender who took a message and said nothing for this long is dead: the message is free for another. */
const TAKEN_FOR_MS = 30_000;

/** How long a queue and whoever takes the job from it may take before the object looks again. */
const HANDOVER_GRACE_MS = 10_000;

/** Who sends what follows: whoever is asking, at once, or whoever takes the job from the queue. */
type Sender = "asker" | "queue";

export interface ClaimOutcome {
  readonly state: PhoneState;
  readonly outcome: SendOrder | { readonly kind: "nothing_to_send" };
}

/**
 * Lets the next channel of its plan carry a verification's code. The message stands in the record, and a job
 * for it in the outbox, before anybody sends it, so that no crash loses it. Null when there is no next
 * channel, or the number's own limits forbid another message.
 */
export function fallBack(
  state: PhoneState,
  verification: Verification,
  sender: Sender,
  now: number,
): { readonly state: PhoneState; readonly placed: Placed } | null {
  const channel = nextChannel(verification);
  if (channel === null || !isSendable(verification)) return null;
  if (verification.messages.length >= verification.policy.maxSends) return null;
  // Another phone than the one that is meant: whoever has it may have its SMS as well.
  if (verification.messages.at(-1)?.error?.code === IDENTITY_MISMATCH) return null;
  if ((refuseLocked(state, now) ?? refuseBusyNumber(state, now) ?? refuseDenied(state, now)) !== null)
    return null;

  const takenAt = sender === "asker" ? now : null;
  const placed = addMessage(
    verification,
    { channel, template: null, language: null, timeToLiveSeconds: null },
    takenAt,
    now,
  );
  const { ordinal } = placed;
  const notBefore = sender === "asker" ? now + TAKEN_FOR_MS : now;
  const lookAgainAt = notBefore + HANDOVER_GRACE_MS;
  const job: SendJob = { kind: "send", id: verification.id, ordinal, at: now, notBefore, lookAgainAt };
  return {
    placed,
    state: {
      ...replace(state, placed.verification),
      sendTimes: [...state.sendTimes, now],
      outbox: [...state.outbox, job],
    },
  };
}

/**
 * Falls back for every verification whose newest message has been silent for too long; where that may not
 * be, its plan ends with what has been tried, and nothing wakes the object for it again.
 */
export function fallBackWhereSilent(before: PhoneState, now: number): PhoneState {
  const state = advance(before, now);
  const silent = state.verifications.filter((v) => v.status === "pending" && (silentAt(v) ?? now + 1) <= now);
  return silent.reduce((current, v) => {
    const channels = v.channels.filter((name) => v.messages.some(({ channel }) => channel === name));
    return fallBack(current, v, "queue", now)?.state ?? replace(current, { ...v, channels });
  }, state);
}

/** Drops the jobs whose message has been sent, or is no longer wanted. */
export function withoutDoneJobs(state: PhoneState): PhoneState {
  const outbox = state.outbox.filter((item) => item.kind !== "send" || waiting(state, item) !== null);
  return outbox.length === state.outbox.length ? state : { ...state, outbox };
}

/** The jobs that it is time to hand over once more, and the record that says when to look next. */
export function lookAgain(
  state: PhoneState,
  now: number,
): { readonly state: PhoneState; readonly outcome: readonly SendJob[] } {
  const overdue = state.outbox.filter((item) => item.kind === "send" && item.lookAgainAt <= now) as SendJob[];
  if (overdue.length === 0) return { state, outcome: overdue };
  const outbox = state.outbox.map((item) =>
    item.kind === "send" && item.lookAgainAt <= now ? { ...item, lookAgainAt: now + TAKEN_FOR_MS } : item,
  );
  return { state: { ...state, outbox }, outcome: overdue };
}

/** A job's message, while it waits to be sent. */
function waiting(state: PhoneState, { id, ordinal }: Pick<SendJob, "id" | "ordinal">): Placed | null {
  const verification = find(state, id);
  const message = verification?.messages[ordinal];
  if (verification === undefined || message === undefined || !isSendable(verification)) return null;
  const isWaiting =
    message.status === "queued" && message.providerMessageId === null && message.error === null;
  return isWaiting ? { verification, message, ordinal } : null;
}

/**
 * Asked by whoever holds a job, right before the send: is it still wanted? Not when the user has converted
 * or canceled in the meantime, nor when somebody else is sending it or has sent it.
 */
export function claim(
  before: PhoneState,
  job: { readonly id: VerificationId; readonly ordinal: number },
  now: number,
): ClaimOutcome {
  const state = advance(before, now);
  const placed = waiting(state, job);
  const takenAt = placed?.message.leasedAt ?? Number.NEGATIVE_INFINITY;
  if (placed === null || now < takenAt + TAKEN_FOR_MS) return { state, outcome: { kind: "nothing_to_send" } };

  const message: Message = { ...placed.message, leasedAt: now };
  const messages = placed.verification.messages.with(placed.ordinal, message);
  const claimed = { ...placed, message, verification: { ...placed.verification, messages } };
  return { state: replace(state, claimed.verification), outcome: orderFor(claimed, false) };
}
