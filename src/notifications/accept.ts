import { type IdempotencyRequest, KEY_LIFETIME_MS } from "../ids/idempotency-key.ts";
import type { ProtectedNumber } from "../ids/protected-number.ts";
import type { MessageError } from "../messages/message.ts";
import { windowEnd, withConsent } from "./consent.ts";
import {
  type ConsentState,
  type ContactState,
  failed,
  find,
  hasTooManyWrongTokens,
  isWaiting,
  JOB_RETRY_MS,
  MOST_WAITING,
  type Notification,
  put,
  type QueuedJob,
  snapshotOf,
  WINDOW_MS,
  withWrongToken,
} from "./contact-state.ts";
import type { Keyword } from "./keywords.ts";
import { type NotificationJob, type NotificationSnapshot, OPTED_OUT, WINDOW_CLOSED } from "./notification.ts";

/** A notification to send, as passed to its recipient's contact object. */
export interface Draft
  extends Pick<NotificationSnapshot, "id" | "app" | "to" | "template" | "language" | "batch" | "metadata"> {
  readonly protectedNumber: ProtectedNumber;
  /** The consent stored under former names of the number; null where it has none. */
  readonly formerConsent: ConsentState | null;
  /** The caller's idempotency key; null without one, and for the recipients of a batch. */
  readonly idempotency: IdempotencyRequest | null;
}

export interface AcceptCommand extends Draft {
  readonly job: NotificationJob;
}

export type AcceptOutcome =
  | { readonly kind: "accepted"; readonly notification: NotificationSnapshot }
  /** The maximum number of notifications is waiting for this recipient. */
  | { readonly kind: "busy" }
  /** The idempotency key was used for another request. */
  | { readonly kind: "idempotency_mismatch" };

/** Records a notification together with its job, or as failed if the recipient must not be sent it. */
export function accept(
  before: ContactState,
  { job, ...draft }: AcceptCommand,
  now: number,
): { readonly state: ContactState; readonly outcome: AcceptOutcome } {
  const state = withConsent(before, draft.formerConsent, now);
  const known = find(state, draft.id);
  if (known !== undefined) return { state, outcome: { kind: "accepted", notification: snapshotOf(known) } };
  const first = findFirst(state, draft, now);
  if (first !== undefined) {
    const outcome: AcceptOutcome = isSameRequest(first, draft)
      ? { kind: "accepted", notification: asAccepted(first) }
      : { kind: "idempotency_mismatch" };
    return { state, outcome };
  }
  if (!hasRoom(state)) return { state, outcome: { kind: "busy" } };

  const refusal = refusalOf(state.consent, draft, now);
  const made = createNotification(draft, now);
  const notification = refusal === null ? made : failed(made, refusal, now);
  const queued: QueuedJob = { kind: "job", job, retryAt: now + JOB_RETRY_MS };
  return {
    // The outbox drops the job of a failed notification.
    state: { ...put(state, notification), outbox: [...state.outbox, queued] },
    outcome: { kind: "accepted", notification: snapshotOf(notification) },
  };
}

/** The notification that the same idempotency key has requested, while the key is remembered. */
export function findFirst(
  { notifications }: ContactState,
  { idempotency }: Pick<Draft, "idempotency">,
  now: number,
): Notification | undefined {
  if (idempotency === null) return undefined;
  return notifications.findLast(
    (notification) =>
      notification.idempotency?.key === idempotency.key && now < notification.createdAt + KEY_LIFETIME_MS,
  );
}

export function isSameRequest(first: Notification, { idempotency }: Pick<Draft, "idempotency">): boolean {
  return first.idempotency?.content === idempotency?.content;
}

/** A notification as the first answer showed it. A free-form message was sent before that, and had WhatsApp's id. */
export function asAccepted(notification: Notification): NotificationSnapshot {
  const { createdAt, updatedAt, status, template, providerMessageId } = notification;
  const wasRefused = status === "failed" && updatedAt === createdAt;
  return snapshotOf({
    ...notification,
    status: wasRefused ? status : "queued",
    error: wasRefused ? notification.error : null,
    providerMessageId: template === null ? providerMessageId : null,
    updatedAt: createdAt,
    sentAt: null,
    deliveredAt: null,
    readAt: null,
  });
}

/** Whether the limit of waiting notifications allows another. */
export function hasRoom({ notifications }: ContactState): boolean {
  return notifications.filter(isWaiting).length < MOST_WAITING;
}

export function createNotification({ formerConsent: _, ...draft }: Draft, now: number): Notification {
  return {
    ...draft,
    status: "queued",
    providerMessageId: null,
    error: null,
    pricing: null,
    revision: 0,
    leasedAt: null,
    createdAt: now,
    updatedAt: now,
    sentAt: null,
    deliveredAt: null,
    readAt: null,
  };
}

/**
 * Why the recipient must not be sent this now. An opt-out covers messages that the business initiates; a
 * reply to a message written after the opt-out is allowed.
 */
export function refusalOf(
  consent: ConsentState,
  { template }: Pick<Draft, "template">,
  now: number,
): MessageError | null {
  const isReply = template === null;
  if (isReply && now >= (windowEnd(consent) ?? now)) return WINDOW_CLOSED;
  const { choice, wroteAt } = consent;
  if (choice?.optedOut !== true) return null;
  return isReply && (wroteAt ?? 0) > choice.at ? null : OPTED_OUT;
}

/** A message from the user. */
export interface ReceivedCommand {
  readonly at: number;
  readonly keyword: Keyword | null;
  /** The consent stored under former names of the number; null where it has none. */
  readonly formerConsent: ConsentState | null;
  /** The automatic reply if this message opens a window; null for none. */
  readonly firstReply: AcceptCommand | null;
  /** The message's id, where it has what looks like a token and is none; null otherwise. */
  readonly wrongTokenIn: string | null;
}

/**
 * Records a user's message: the window that it opens, an opt-out or opt-in keyword, and the automatic reply
 * if the window is new and the user has not opted out. Repeats and any order give the same result.
 */
export function receive(
  before: ContactState,
  { at, keyword, formerConsent, firstReply, wrongTokenIn }: ReceivedCommand,
  now: number,
): { readonly state: ContactState; readonly outcome: { readonly looksAtTokens: boolean } } {
  const former = withConsent(before, formerConsent, now);
  const choice = keyword === null ? null : { optedOut: keyword === "stop", at };
  const consented = withConsent(former, { choice, wroteAt: at }, now);
  const state = wrongTokenIn === null ? consented : withWrongToken(consented, wrongTokenIn, now);
  const opensWindow = at >= (windowEnd(former.consent) ?? at) && now < at + WINDOW_MS;
  const shouldReply = opensWindow && state.consent.choice?.optedOut !== true;
  return {
    state: shouldReply && firstReply !== null ? accept(state, firstReply, now).state : state,
    outcome: { looksAtTokens: !hasTooManyWrongTokens(state, now) },
  };
}
