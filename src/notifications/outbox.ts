import type { MessageStatus } from "../messages/message.ts";
import {
  type ContactState,
  find,
  isWaiting,
  MISSED_AFTER_MS,
  type Notification,
  type QueuedJob,
  snapshotOf,
} from "./contact-state.ts";
import type { NotificationEvent } from "./notification.ts";

/**
 * Adds to the outbox what a decision has changed, by comparing the record before it with the one after. One
 * place for all decisions, so that none can forget an event; and in the same write as the decision, so that no
 * event is lost.
 */
export function withEvents(before: ContactState, after: ContactState, now: number): ContactState {
  if (after.notifications === before.notifications) return after;
  const events: NotificationEvent[] = [];
  const notifications = after.notifications.map((notification) => {
    const former = before.notifications.find(({ id }) => id === notification.id);
    if (former === notification) return notification;
    let current = notification;
    for (const status of changes(former, notification)) {
      current = { ...current, revision: current.revision + 1 };
      events.push(toEvent(status, current, now));
    }
    return current;
  });
  return events.length === 0 ? after : { ...after, notifications, outbox: [...after.outbox, ...events] };
}

type Told = Exclude<MessageStatus, "queued">;

/** What is new of a notification: each step that was not known, else the step it is at, for news about that. */
function changes(former: Notification | undefined, notification: Notification): readonly Told[] {
  const { status } = notification;
  const steps = (["sent", "delivered", "read"] as const).filter(
    (step) => notification[`${step}At`] !== null && (former?.[`${step}At`] ?? null) === null,
  );
  const told: readonly Told[] = status === "failed" && former?.status !== status ? [...steps, status] : steps;
  if (told.length > 0 || status === "queued" || former === undefined) return told;
  const fields = ["status", "pricing", "sentAt", "deliveredAt", "readAt"] as const;
  return fields.some((field) => former[field] !== notification[field]) ? [status] : [];
}

function toEvent(status: Told, notification: Notification, now: number): NotificationEvent {
  const { to: _, ...snapshot } = snapshotOf(notification);
  const { id, revision, protectedNumber } = notification;
  return {
    kind: "notification",
    id: `evt_${id}_${revision}`,
    type: `notification.${status}`,
    at: now,
    // WhatsApp's message ids contain the number; whoever needs one reads the notification.
    notification: { ...snapshot, ...protectedNumber, providerMessageId: null, revision },
  };
}

/** Drops the jobs that somebody has come for, or nobody needs to. From then on the queue sees to them. */
export function withoutDoneJobs(state: ContactState): ContactState {
  const outbox = state.outbox.filter((item) => item.kind !== "job" || isMissing(state, item));
  return outbox.length === state.outbox.length ? state : { ...state, outbox };
}

function isMissing(state: ContactState, { job }: QueuedJob): boolean {
  const one = find(state, job.id);
  return one !== undefined && isWaiting(one) && one.takenAt === null;
}

/** The jobs that it is time to hand over once more, and the record that says when to look next. */
export function lookAgain(
  state: ContactState,
  now: number,
): { readonly state: ContactState; readonly outcome: readonly QueuedJob[] } {
  const isOverdue = ({ lookAgainAt }: QueuedJob) => lookAgainAt <= now;
  const overdue = state.outbox.filter((item) => item.kind === "job").filter(isOverdue);
  if (overdue.length === 0) return { state, outcome: overdue };
  const outbox = state.outbox.map((item) =>
    item.kind === "job" && isOverdue(item) ? { ...item, lookAgainAt: now + MISSED_AFTER_MS } : item,
  );
  return { state: { ...state, outbox }, outcome: overdue };
}
