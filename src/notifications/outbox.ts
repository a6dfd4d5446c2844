import type { MessageStatus } from "../messages/message.ts";
import {
  type ContactState,
  find,
  isWaiting,
  JOB_RETRY_MS,
  type Notification,
  type QueuedJob,
  snapshotOf,
} from "./contact-state.ts";
import type { NotificationEvent } from "./notification.ts";

/**
 * Adds an event to the outbox for each change between two records. Every decision passes here, so none can
 * omit an event, and events are stored in the same write as the decision.
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

type ReportedStatus = Exclude<MessageStatus, "queued">;

/** The statuses to report: each step reached since, else the current status if other fields changed. */
function changes(former: Notification | undefined, notification: Notification): readonly ReportedStatus[] {
  const { status } = notification;
  const steps = (["sent", "delivered", "read"] as const).filter(
    (step) => notification[`${step}At`] !== null && (former?.[`${step}At`] ?? null) === null,
  );
  const reached: readonly ReportedStatus[] =
    status === "failed" && former?.status !== status ? [...steps, status] : steps;
  if (reached.length > 0 || status === "queued" || former === undefined) return reached;
  const fields = ["status", "pricing", "sentAt", "deliveredAt", "readAt"] as const;
  return fields.some((field) => former[field] !== notification[field]) ? [status] : [];
}

function toEvent(status: ReportedStatus, notification: Notification, now: number): NotificationEvent {
  const { to: _, ...snapshot } = snapshotOf(notification);
  const { id, revision, protectedNumber } = notification;
  return {
    kind: "notification",
    id: `evt_${id}_${revision}`,
    type: `notification.${status}`,
    at: now,
    // WhatsApp's message ids contain the number, so events omit them; the notification itself has it.
    notification: { ...snapshot, ...protectedNumber, providerMessageId: null, revision },
  };
}

/** Drops jobs that were claimed or are no longer needed; the queue retries claimed ones. */
export function dropFinishedJobs(state: ContactState): ContactState {
  const outbox = state.outbox.filter((item) => item.kind !== "job" || isUnclaimed(state, item));
  return outbox.length === state.outbox.length ? state : { ...state, outbox };
}

function isUnclaimed(state: ContactState, { job }: QueuedJob): boolean {
  const notification = find(state, job.id);
  return notification !== undefined && isWaiting(notification) && notification.leasedAt === null;
}

/** Returns the jobs to queue again, and the record with their next retry time. */
export function retryJobs(
  state: ContactState,
  now: number,
): { readonly state: ContactState; readonly outcome: readonly QueuedJob[] } {
  const isOverdue = ({ retryAt }: QueuedJob) => retryAt <= now;
  const overdue = state.outbox.filter((item) => item.kind === "job").filter(isOverdue);
  if (overdue.length === 0) return { state, outcome: overdue };
  const outbox = state.outbox.map((item) =>
    item.kind === "job" && isOverdue(item) ? { ...item, retryAt: now + JOB_RETRY_MS } : item,
  );
  return { state: { ...state, outbox }, outcome: overdue };
}
