import type { NotificationId } from "../ids/notification-id.ts";
import type { ProtectedNumber } from "../ids/protected-number.ts";
import type { MessageError } from "../messages/message.ts";
import { DAY_MS, HOUR_MS } from "../platform/time.ts";
import {
  GAVE_UP,
  type NotificationEvent,
  type NotificationJob,
  type NotificationSnapshot,
} from "./notification.ts";

/** Raise it with a change that an older build must not read or overwrite. */
export const CONTACT_STATE_VERSION = 1;

/**
 * Everything besides codes that is known about one recipient: the one record its object stores. Bounded by
 * {@link KEPT} notifications, of which {@link MOST_WAITING} may still have their jobs. All times are
 * milliseconds since the epoch.
 */
export interface ContactState {
  /** In the order in which they were made. */
  readonly notifications: readonly Notification[];
  readonly consent: ConsentState;
  /** What a decision wants done outside, until it has been handed over; written with the decision itself. */
  readonly outbox: readonly OutboxItem[];
}

/** What is known of a user's own wishes. Nothing in it says whose they are. */
export interface ConsentState {
  /** Their newest word on messages from this business; null where none is known. */
  readonly choice: { readonly optedOut: boolean; readonly at: number } | null;
  /** When they last wrote. */
  readonly wroteAt: number | null;
}

export interface Notification extends NotificationSnapshot {
  readonly protectedNumber: ProtectedNumber;
  /** How many events it has caused. */
  readonly revision: number;
  /** Since when somebody is sending it; null while it waits for one. */
  readonly takenAt: number | null;
}

/** A notification that somebody has to send: whoever takes the job asks the object again before they do. */
export interface QueuedJob {
  readonly kind: "job";
  readonly job: NotificationJob;
  /** When the object hands it over once more, should nobody have come for it: a queue may lose it too. */
  readonly lookAgainAt: number;
}

export type OutboxItem = QueuedJob | NotificationEvent;

/** How long a notification, and what a user said, is remembered: Meta repeats its webhooks for seven days. */
const REMEMBERED_MS = 7 * DAY_MS;

/** How many notifications a recipient's object keeps; of older ones, those that have been settled longest go. */
export const KEPT = 100;

/** How many may wait to be sent. Their content waits with them, and a record has an end. */
export const MOST_WAITING = 20;

/** A sender who took a notification and said nothing for this long is dead: it is free for another. */
export const LEASE_MS = 30_000;

/** How long after it was handed over a job is missed: it may have to wait behind a batch in its queue. */
export const MISSED_AFTER_MS = HOUR_MS;

/** After this long nobody tries any more: a shipping update of yesterday helps nobody. */
const GIVEN_UP_AFTER_MS = DAY_MS;

/** WhatsApp's customer service window: free-form messages may be sent this long after the user's last one. */
export const WINDOW_MS = DAY_MS;

export const EMPTY: ContactState = {
  notifications: [],
  consent: { choice: null, wroteAt: null },
  outbox: [],
};

/** True until WhatsApp is known to have it, or it is known that nobody will. */
export function isWaiting({ status, providerMessageId }: Notification): boolean {
  return status === "queued" && providerMessageId === null;
}

/** Until when somebody who has taken a notification may still be sending it. */
export function leaseEnd({ takenAt }: Notification): number {
  return takenAt === null ? Number.NEGATIVE_INFINITY : takenAt + LEASE_MS;
}

/**
 * Brings the record to the present: gives up what nobody could send or heard of for a day, forgets what is
 * seven days old. Every decision begins with it, so no answer depends on when the alarm came. The very same
 * record comes back when nothing was due.
 */
export function advance(state: ContactState, now: number): ContactState {
  const { choice: wish, wroteAt } = state.consent;
  const isOld = (at: number) => at + REMEMBERED_MS <= now;
  const isOverdue = (one: Notification) => givenUpAt(one) <= now;
  const wishIsOld = wish !== null && !wish.optedOut && isOld(wish.at);
  const wroteLongAgo = wroteAt !== null && isOld(wroteAt);
  const nothingDue = !state.notifications.some((one) => isOld(one.updatedAt) || isOverdue(one));
  if (nothingDue && !wishIsOld && !wroteLongAgo) return state;
  return {
    ...state,
    notifications: state.notifications
      .map((one) => (isOverdue(one) ? failed(one, one.error ?? GAVE_UP, givenUpAt(one)) : one))
      .filter((one) => !isOld(one.updatedAt)),
    consent: { choice: wishIsOld ? null : wish, wroteAt: wroteLongAgo ? null : wroteAt },
  };
}

/** When nobody tries any more; never, for what has gone out. */
function givenUpAt(one: Notification): number {
  return isWaiting(one)
    ? Math.max(one.createdAt + GIVEN_UP_AFTER_MS, leaseEnd(one))
    : Number.POSITIVE_INFINITY;
}

/** True when nothing is left that anybody could still ask for or be bound by. An opt-out is never forgotten. */
export function isForgotten({ notifications, consent: standing, outbox }: ContactState): boolean {
  return notifications.length + outbox.length === 0 && standing.choice === null && standing.wroteAt === null;
}

/** When the object has to be woken: to give up, to forget, or for what a crash may have left in the outbox. */
export function nextDue({
  notifications,
  consent: { choice: wish, wroteAt },
  outbox,
}: ContactState): number | null {
  const due = [
    ...notifications.map((one) => Math.min(givenUpAt(one), one.updatedAt + REMEMBERED_MS)),
    ...(wish === null || wish.optedOut ? [] : [wish.at + REMEMBERED_MS]),
    ...(wroteAt === null ? [] : [wroteAt + REMEMBERED_MS]),
    ...outbox.map((item) => (item.kind === "job" ? item.lookAgainAt : item.at + DAY_MS)),
  ];
  return due.length === 0 ? null : Math.min(...due);
}

export function find(state: ContactState, id: NotificationId): Notification | undefined {
  return state.notifications.find((one) => one.id === id);
}

/** A notification that nobody will get. */
export function failed(one: Notification, error: MessageError, now: number): Notification {
  return { ...one, status: "failed", error, updatedAt: now };
}

/** Puts a notification in the place of its former self, or behind the others. */
export function put(state: ContactState, notification: Notification): ContactState {
  const { notifications } = state;
  const place = notifications.findIndex(({ id }) => id === notification.id);
  if (place >= 0) return { ...state, notifications: notifications.with(place, notification) };
  const kept = notifications.length < KEPT ? notifications : withoutLongestSettled(notifications);
  return { ...state, notifications: [...kept, notification] };
}

function withoutLongestSettled(notifications: readonly Notification[]): readonly Notification[] {
  const settled = notifications.filter((one) => !isWaiting(one));
  const oldest = settled.toSorted((a, b) => a.updatedAt - b.updatedAt)[0];
  return notifications.filter((one) => one !== oldest);
}

/** What the outside may see of a notification. */
export function snapshotOf(notification: Notification): NotificationSnapshot {
  const { protectedNumber, revision, takenAt, ...snapshot } = notification;
  return snapshot;
}
