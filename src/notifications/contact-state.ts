import type { IdempotencyRequest } from "../ids/idempotency-key.ts";
import type { NotificationId } from "../ids/notification-id.ts";
import type { ProtectedNumber } from "../ids/protected-number.ts";
import type { MessageError } from "../messages/message.ts";
import { type Pointer, pointerEnd, validPointer } from "../phone-number/pointer.ts";
import { DAY_MS, HOUR_MS } from "../platform/time.ts";
import {
  EXPIRED,
  type NotificationEvent,
  type NotificationJob,
  type NotificationSnapshot,
} from "./notification.ts";

/** Raise it with a change that an older build must not read or overwrite. */
export const CONTACT_STATE_VERSION = 2;

/**
 * The record of one recipient, apart from codes. Holds at most {@link MOST_NOTIFICATIONS} notifications, of
 * which {@link MOST_WAITING} may still wait to be sent. Times in milliseconds since the epoch.
 */
export interface ContactState {
  /** In order of creation. */
  readonly notifications: readonly Notification[];
  readonly consent: ConsentState;
  /** Where the person's consent is recorded, if they are dialled by another number; null for almost everybody. */
  readonly pointer: Pointer | null;
  /** The messages of the last hour with a token that proved nothing, oldest first. */
  readonly wrongTokens: readonly WrongToken[];
  /** Jobs and events to queue, stored in the same write as the decision that caused them. */
  readonly outbox: readonly OutboxItem[];
}

/** A message with a token that proved nothing, by WhatsApp's id of it: its webhook may be repeated. */
export interface WrongToken {
  readonly messageId: string;
  readonly at: number;
}

/** A user's consent. Contains nothing that identifies the user. */
export interface ConsentState {
  /** Their latest opt-out or opt-in; null when there was none. */
  readonly choice: { readonly optedOut: boolean; readonly at: number } | null;
  /** When the user last wrote. */
  readonly wroteAt: number | null;
}

export interface Notification extends NotificationSnapshot {
  readonly protectedNumber: ProtectedNumber;
  /** The idempotency key that it was requested with. */
  readonly idempotency?: IdempotencyRequest | null;
  /** Number of events so far. */
  readonly revision: number;
  /** When a sender leased it; null while no sender has. */
  readonly leasedAt: number | null;
}

/** A job to queue. The consumer claims the notification from the contact object before sending. */
export interface QueuedJob {
  readonly kind: "job";
  readonly job: NotificationJob;
  /** When the job is queued again if no consumer has claimed it: queues may lose messages. */
  readonly retryAt: number;
}

export type OutboxItem = QueuedJob | NotificationEvent;

/**
 * How long notifications and consent are kept after their last change: Meta repeats webhooks for seven days.
 */
const RETENTION_MS = 7 * DAY_MS;

/** Maximum number of notifications; beyond it the longest settled one is removed. */
export const MOST_NOTIFICATIONS = 100;

/**
 * Maximum number of waiting notifications: their content is stored with them, and the record's size is
 * bounded.
 */
export const MOST_WAITING = 20;

/** A lease expires after this time, because the sender has then failed. */
export const LEASE_MS = 30_000;

/** When a queued job without a claim counts as lost; it may legitimately wait behind a batch. */
export const JOB_RETRY_MS = HOUR_MS;

/** A notification is no longer sent after this time, because its content is outdated. */
const EXPIRY_MS = DAY_MS;

/**
 * WhatsApp's customer service window: free-form messages are allowed this long after the user's last message.
 */
export const WINDOW_MS = DAY_MS;

export const EMPTY_CONTACT: ContactState = {
  notifications: [],
  consent: { choice: null, wroteAt: null },
  pointer: null,
  wrongTokens: [],
  outbox: [],
};

/** Whether the notification is still to be sent. */
export function isWaiting({ status, providerMessageId }: Notification): boolean {
  return status === "queued" && providerMessageId === null;
}

/** When the current lease expires. */
export function leaseEnd({ leasedAt }: Notification): number {
  return leasedAt === null ? Number.NEGATIVE_INFINITY : leasedAt + LEASE_MS;
}

/**
 * Applies what is due: fails notifications that were not sent within a day, and removes what is older than
 * seven days. Every decision starts with it, so results do not depend on when the alarm ran. Returns the same
 * object when nothing was due.
 */
export function advance(state: ContactState, now: number): ContactState {
  const { choice, wroteAt } = state.consent;
  const isOld = (at: number) => at + RETENTION_MS <= now;
  const isOverdue = (notification: Notification) => expiresAt(notification) <= now;
  const choiceIsOld = choice !== null && !choice.optedOut && isOld(choice.at);
  const wroteAtIsOld = wroteAt !== null && isOld(wroteAt);
  const nothingDue = !state.notifications.some(
    (notification) => isOld(notification.updatedAt) || isOverdue(notification),
  );
  const pointer = validPointer(state.pointer, now);
  const wrongTokens = recentWrongTokens(state, now);
  const isSame = pointer === state.pointer && wrongTokens.length === state.wrongTokens.length;
  if (nothingDue && !choiceIsOld && !wroteAtIsOld && isSame) return state;
  return {
    ...state,
    notifications: state.notifications
      .map((notification) =>
        isOverdue(notification)
          ? failed(notification, notification.error ?? EXPIRED, expiresAt(notification))
          : notification,
      )
      .filter((notification) => !isOld(notification.updatedAt)),
    consent: { choice: choiceIsOld ? null : choice, wroteAt: wroteAtIsOld ? null : wroteAt },
    pointer,
    wrongTokens,
  };
}

/** How long a wrong token counts, and how many of a sender are looked at. Guesses never get so far: see `Token`. */
const WRONG_TOKEN_MS = HOUR_MS;
const MOST_WRONG_TOKENS = 10;

function recentWrongTokens({ wrongTokens }: ContactState, now: number): readonly WrongToken[] {
  return wrongTokens.filter(({ at }) => at > now - WRONG_TOKEN_MS);
}

/** Whether the user has sent so many wrong tokens within the hour that another one is not looked at. */
export function hasTooManyWrongTokens(state: ContactState, now: number): boolean {
  return recentWrongTokens(state, now).length >= MOST_WRONG_TOKENS;
}

/** Counts a message with a wrong token once. */
export function withWrongToken(state: ContactState, messageId: string, now: number): ContactState {
  if (state.wrongTokens.some((wrong) => wrong.messageId === messageId)) return state;
  const wrongTokens = [...recentWrongTokens(state, now), { messageId, at: now }].slice(-MOST_WRONG_TOKENS);
  return { ...state, wrongTokens };
}

/** When an unsent notification fails; never for a sent one. */
function expiresAt(notification: Notification): number {
  return isWaiting(notification)
    ? Math.max(notification.createdAt + EXPIRY_MS, leaseEnd(notification))
    : Number.POSITIVE_INFINITY;
}

/** Whether the record can be deleted. An opt-out is kept forever. */
export function isForgotten({ notifications, consent, pointer, outbox }: ContactState): boolean {
  const isEmpty = notifications.length + outbox.length === 0 && pointer === null;
  return isEmpty && consent.choice === null && consent.wroteAt === null;
}

/** When the alarm is due: to expire, to remove, or to retry the outbox after a crash. */
export function nextDue({
  notifications,
  consent: { choice, wroteAt },
  pointer,
  outbox,
}: ContactState): number | null {
  const due = [
    ...notifications.map((notification) =>
      Math.min(expiresAt(notification), notification.updatedAt + RETENTION_MS),
    ),
    ...(choice === null || choice.optedOut ? [] : [choice.at + RETENTION_MS]),
    ...(wroteAt === null ? [] : [wroteAt + RETENTION_MS]),
    ...(pointer === null ? [] : [pointerEnd(pointer)]),
    ...outbox.map((item) => (item.kind === "job" ? item.retryAt : item.at + DAY_MS)),
  ];
  return due.length === 0 ? null : Math.min(...due);
}

export function find(state: ContactState, id: NotificationId): Notification | undefined {
  return state.notifications.find((notification) => notification.id === id);
}

/** Marks a notification as failed. */
export function failed(notification: Notification, error: MessageError, now: number): Notification {
  return { ...notification, status: "failed", error, updatedAt: now };
}

/** Replaces a notification, or appends a new one. */
export function put(state: ContactState, notification: Notification): ContactState {
  const { notifications } = state;
  const place = notifications.findIndex(({ id }) => id === notification.id);
  if (place >= 0) return { ...state, notifications: notifications.with(place, notification) };
  const kept =
    notifications.length < MOST_NOTIFICATIONS ? notifications : withoutLongestSettled(notifications);
  return { ...state, notifications: [...kept, notification] };
}

function withoutLongestSettled(notifications: readonly Notification[]): readonly Notification[] {
  const settled = notifications.filter((notification) => !isWaiting(notification));
  const oldest = settled.toSorted((a, b) => a.updatedAt - b.updatedAt)[0];
  return notifications.filter((notification) => notification !== oldest);
}

/** The public part of a notification. */
export function snapshotOf(notification: Notification): NotificationSnapshot {
  const { protectedNumber, idempotency, revision, leasedAt, ...snapshot } = notification;
  return snapshot;
}
