import type { ProtectedNumber } from "../ids/protected-number.ts";
import type { MessageError } from "../messages/message.ts";
import { type Word, windowEnd, withConsent } from "./consent.ts";
import {
  type ConsentState,
  type ContactState,
  failed,
  find,
  isWaiting,
  MISSED_AFTER_MS,
  MOST_WAITING,
  type Notification,
  put,
  type QueuedJob,
  snapshotOf,
  WINDOW_MS,
} from "./contact-state.ts";
import { type NotificationJob, type NotificationSnapshot, OPTED_OUT, WINDOW_CLOSED } from "./notification.ts";

/** A notification as whoever wants it sent describes it to its recipient's object. */
export interface Draft
  extends Pick<NotificationSnapshot, "id" | "to" | "template" | "language" | "batch" | "metadata"> {
  readonly protectedNumber: ProtectedNumber;
  /** What the number's object under a former key knows of the user; null outside a rotation of keys. */
  readonly elsewhere: ConsentState | null;
}

export interface AcceptCommand extends Draft {
  readonly job: NotificationJob;
}

export type AcceptOutcome =
  | { readonly kind: "accepted"; readonly notification: NotificationSnapshot }
  /** As many wait for this number as may. */
  | { readonly kind: "busy" };

/** Records a notification, and in the same write the job to send it; or that its recipient wants none. */
export function accept(
  before: ContactState,
  { job, ...draft }: AcceptCommand,
  now: number,
): { readonly state: ContactState; readonly outcome: AcceptOutcome } {
  const state = withConsent(before, draft.elsewhere, now);
  const known = find(state, draft.id);
  if (known !== undefined) return { state, outcome: { kind: "accepted", notification: snapshotOf(known) } };
  if (!hasRoom(state)) return { state, outcome: { kind: "busy" } };

  const refusal = refusalOf(state.consent, draft, now);
  const made = newNotification(draft, now);
  const notification = refusal === null ? made : failed(made, refusal, now);
  const queued: QueuedJob = { kind: "job", job, lookAgainAt: now + MISSED_AFTER_MS };
  return {
    // The job of one that is refused is dropped like any that is done.
    state: { ...put(state, notification), outbox: [...state.outbox, queued] },
    outcome: { kind: "accepted", notification: snapshotOf(notification) },
  };
}

/** Whether another notification may wait for this number. */
export function hasRoom({ notifications }: ContactState): boolean {
  return notifications.filter(isWaiting).length < MOST_WAITING;
}

export function newNotification({ elsewhere: _, ...draft }: Draft, now: number): Notification {
  return {
    ...draft,
    status: "queued",
    providerMessageId: null,
    error: null,
    pricing: null,
    revision: 0,
    takenAt: null,
    createdAt: now,
    updatedAt: now,
    sentAt: null,
    deliveredAt: null,
    readAt: null,
  };
}

/**
 * Why the recipient may not be sent this now. An opt-out is about what a business sends of itself: answering
 * what a user has written since is something else.
 */
export function refusalOf(
  standing: ConsentState,
  { template }: Pick<Draft, "template">,
  now: number,
): MessageError | null {
  const isReply = template === null;
  if (isReply && now >= (windowEnd(standing) ?? now)) return WINDOW_CLOSED;
  const { choice: wish, wroteAt } = standing;
  if (wish?.optedOut !== true) return null;
  return isReply && (wroteAt ?? 0) > wish.at ? null : OPTED_OUT;
}

/** A user's own message. */
export interface ReceivedCommand {
  readonly at: number;
  readonly says: Word | null;
  /** What the number's object under a former key knows of the user; null outside a rotation of keys. */
  readonly elsewhere: ConsentState | null;
  /** What to answer when this message opens a window; null for nothing. */
  readonly firstReply: AcceptCommand | null;
}

/**
 * Takes in a message of the user's, in any order and however often it comes: their window, their word, and the
 * answer to whoever opens a new window and wants messages.
 */
export function receive(
  before: ContactState,
  { at, says, elsewhere, firstReply }: ReceivedCommand,
  now: number,
): { readonly state: ContactState; readonly outcome: undefined } {
  const former = withConsent(before, elsewhere, now);
  const wish = says === null ? null : { optedOut: says === "stop", at };
  const state = withConsent(former, { choice: wish, wroteAt: at }, now);
  const opens = at >= (windowEnd(former.consent) ?? at) && now < at + WINDOW_MS;
  const isWelcome = opens && state.consent.choice?.optedOut !== true;
  return {
    state: isWelcome && firstReply !== null ? accept(state, firstReply, now).state : state,
    outcome: undefined,
  };
}
