import type { Message } from "../messages/message.ts";
import { eventTypesOf, toEvent, type VerificationEvent } from "./event.ts";
import { findVerification, type OutboxItem, type PhoneState, type SendJob } from "./phone-state.ts";
import { isSendable, type Sendable } from "./verification.ts";

/** A sender that took a message this long ago and reported nothing has died: another one may take it. */
export const LEASE_MS = 30_000;

/** A message of a sendable verification, and its place there. */
export interface PlacedMessage {
  readonly verification: Sendable;
  readonly message: Message;
  readonly ordinal: number;
}

/**
 * Adds the events of a decision to the outbox, by comparing the record before it with the one after. One
 * place for all decisions, so that none can forget an event, and stored in the decision's own write, so that
 * none is lost.
 */
export function withEvents(before: PhoneState, after: PhoneState, now: number): PhoneState {
  if (after.verifications === before.verifications) return after;
  const events: VerificationEvent[] = [];
  const verifications = after.verifications.map((verification) => {
    const former = before.verifications.find(({ id }) => id === verification.id);
    if (former === verification) return verification;
    let current = verification;
    for (const type of eventTypesOf(former, verification)) {
      current = { ...current, revision: current.revision + 1 };
      events.push(toEvent(type, current, now));
    }
    return current;
  });
  return events.length === 0 ? after : { ...after, verifications, outbox: [...after.outbox, ...events] };
}

/** The events among outbox items, those of a shortened record completed from their verifications. */
export function eventsOf(state: PhoneState, items: readonly OutboxItem[]): readonly VerificationEvent[] {
  return items.flatMap((item) => {
    if (item.kind === "verification") return item;
    if (item.kind === "send") return [];
    const verification = findVerification(state, item.verificationId);
    const { type, at, revision } = item;
    return verification === undefined ? [] : toEvent(type, { ...verification, revision }, at);
  });
}

/** Drops the jobs whose message has been sent, or is no longer needed. */
export function withoutDoneJobs(state: PhoneState): PhoneState {
  const outbox = state.outbox.filter((item) => item.kind !== "send" || findQueued(state, item) !== null);
  return outbox.length === state.outbox.length ? state : { ...state, outbox };
}

/** Finds the jobs to hand to the queue again, and sets when to look at them next: a queue may lose a job. */
export function repeatOverdueJobs(
  state: PhoneState,
  now: number,
): { readonly state: PhoneState; readonly outcome: readonly SendJob[] } {
  const isOverdue = (item: OutboxItem): item is SendJob => item.kind === "send" && item.repeatAt <= now;
  const overdue = state.outbox.filter(isOverdue);
  if (overdue.length === 0) return { state, outcome: overdue };
  const outbox = state.outbox.map((item) => (isOverdue(item) ? { ...item, repeatAt: now + LEASE_MS } : item));
  return { state: { ...state, outbox }, outcome: overdue };
}

/** Finds a job's message, while it is still to be sent. */
export function findQueued(
  state: PhoneState,
  { id, ordinal }: Pick<SendJob, "id" | "ordinal">,
): PlacedMessage | null {
  const verification = findVerification(state, id);
  const message = verification?.messages[ordinal];
  if (verification === undefined || message === undefined || !isSendable(verification)) return null;
  const isQueued =
    message.status === "queued" && message.providerMessageId === null && message.error === null;
  return isQueued ? { verification, message, ordinal } : null;
}
