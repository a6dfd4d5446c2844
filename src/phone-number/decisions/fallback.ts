import { type Message, withoutTemplate } from "../../messages/message.ts";
import type { SendOrder } from "../answers.ts";
import { findQueued, LEASE_MS, type PlacedMessage } from "../outbox.ts";
import { advance, type PhoneState, type SendJob, withVerification } from "../phone-state.ts";
import { countedSends, fallbackAt, isSendable, nextChannel, type Verification } from "../verification.ts";
import { IDENTITY_MISMATCH, isHeldBack } from "./identity.ts";
import { refuseDenied, refuseLocked } from "./limits.ts";
import { addMessage, orderFor } from "./send-order.ts";

/** How long the queue and its consumer may take before the object hands the job over again. */
const HANDOVER_GRACE_MS = 10_000;

/** Who sends the next message: the request that is running, or the queue's consumer. */
type Sender = "request" | "queue";

export interface ClaimOutcome {
  readonly state: PhoneState;
  readonly outcome: SendOrder | { readonly kind: "nothing_to_send" };
}

/**
 * Sends a verification's code over its next channel. The message is in the record, and a job for it in the
 * outbox, before it is sent, so that no crash loses it. Null when no channel is left, or a limit of the number
 * forbids another message.
 */
export function fallBack(
  state: PhoneState,
  verification: Verification,
  sender: Sender,
  now: number,
): { readonly state: PhoneState; readonly placed: PlacedMessage } | null {
  const channel = nextChannel(verification);
  if (channel === null || !isSendable(verification)) return null;
  if (countedSends(verification) >= verification.policy.maxSends) return null;
  // The new holder of the phone may receive its SMS as well.
  const { messages, rules } = verification;
  if (messages.at(-1)?.error?.code === IDENTITY_MISMATCH || isHeldBack(state, rules, now)) return null;
  // The same code over another channel is not another send, so that the number's windows do not count it.
  const denied = rules.owner === "enforce" ? refuseDenied(state, now) : null;
  const refused = refuseLocked(state, now) ?? denied;
  if (refused !== null) return null;

  const leasedAt = sender === "request" ? now : null;
  const placed = addMessage(verification, withoutTemplate(channel), leasedAt, now);
  const notBefore = sender === "request" ? now + LEASE_MS : now;
  const job: SendJob = {
    kind: "send",
    id: verification.id,
    ordinal: placed.ordinal,
    at: now,
    notBefore,
    repeatAt: notBefore + HANDOVER_GRACE_MS,
  };
  return {
    placed,
    state: {
      ...withVerification(state, placed.verification),
      outbox: [...state.outbox, job],
    },
  };
}

/**
 * Falls back for each verification whose newest message has been silent for too long. Where no message may
 * follow, the channels are cut to those tried, so that the alarm is not set for it again.
 */
export function fallBackOverdue(before: PhoneState, now: number): PhoneState {
  const state = advance(before, now);
  const silent = state.verifications.filter(
    (v) => v.status === "pending" && (fallbackAt(v) ?? now + 1) <= now,
  );
  return silent.reduce((current, v) => {
    const channels = v.channels.filter((name) => v.messages.some(({ channel }) => channel === name));
    return fallBack(current, v, "queue", now)?.state ?? withVerification(current, { ...v, channels });
  }, state);
}

/**
 * Leases the message of a queued job to its sender. There is nothing to send once the verification has closed,
 * or while another sender has the lease, or after the message was sent.
 */
export function claim(before: PhoneState, job: Pick<SendJob, "id" | "ordinal">, now: number): ClaimOutcome {
  const state = advance(before, now);
  const placed = findQueued(state, job);
  const leasedAt = placed?.message.leasedAt ?? Number.NEGATIVE_INFINITY;
  if (placed === null || now < leasedAt + LEASE_MS) return { state, outcome: { kind: "nothing_to_send" } };

  const message: Message = { ...placed.message, leasedAt: now };
  const messages = placed.verification.messages.with(placed.ordinal, message);
  const claimed = { ...placed, message, verification: { ...placed.verification, messages } };
  return { state: withVerification(state, claimed.verification), outcome: orderFor(claimed, false) };
}
