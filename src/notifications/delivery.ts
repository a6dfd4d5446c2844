import type { NotificationUpdate } from "../channels/channel.ts";
import type { NotificationId } from "../ids/notification-id.ts";
import { applyUpdate, type FailedMessage } from "../messages/delivery-update.ts";
import type { ChannelFailure, MessageError, SendResult } from "../messages/message.ts";
import {
  asAccepted,
  createNotification,
  type Draft,
  findFirst,
  hasRoom,
  isSameRequest,
  refusalOf,
} from "./accept.ts";
import { optOut, windowEnd, withConsent } from "./consent.ts";
import {
  advance,
  type ContactState,
  failed,
  find,
  isWaiting,
  leaseEnd,
  type Notification,
  put,
  snapshotOf,
} from "./contact-state.ts";
import { isOptOut, type JobOutcome, type NotificationSnapshot, WINDOW_CLOSED } from "./notification.ts";

export type ClaimOutcome =
  /** The caller holds the lease and must send it. */
  | { readonly kind: "send" }
  /** The 24-hour window is closed; `endedAt` is null when the user is not known to have written. */
  | { readonly kind: "closed"; readonly endedAt: number | null }
  | RepeatOutcome
  | JobOutcome;

/** What a request gets whose idempotency key was used before. */
export type RepeatOutcome =
  | { readonly kind: "idempotency_mismatch" }
  | { readonly kind: "idempotency_in_progress"; readonly retryAfterMs: number }
  /** The first request has ended, with this notification. */
  | { readonly kind: "replayed"; readonly notification: NotificationSnapshot };

/** Delay of a job while too many notifications of the recipient wait. */
const BUSY_SECONDS = 30;

/**
 * Decides right before a send whether it is still to be made, and leases the notification. A repeated job
 * sends nothing while the lease lasts, and nothing at all once WhatsApp has accepted the message.
 */
export function claim(
  before: ContactState,
  draft: Draft,
  now: number,
): { readonly state: ContactState; readonly outcome: ClaimOutcome } {
  const state = withConsent(before, draft.formerConsent, now);
  const known = find(state, draft.id);
  if (known !== undefined && !isWaiting(known)) return { state, outcome: outcomeOf(known) };
  if (known !== undefined && now < leaseEnd(known)) return { state, outcome: later(leaseEnd(known) - now) };
  const first = known ?? findFirst(state, draft, now);
  if (first !== undefined && first !== known) return { state, outcome: repeat(first, draft, now) };
  if (known === undefined && !hasRoom(state)) return { state, outcome: later(BUSY_SECONDS * 1000) };

  const refusal = refusalOf(state.consent, draft, now);
  if (refusal === WINDOW_CLOSED && known === undefined) {
    return { state, outcome: { kind: "closed", endedAt: windowEnd(state.consent) } };
  }
  const notification = known ?? createNotification(draft, now);
  if (refusal !== null) {
    const refused = failed(notification, refusal, now);
    return { state: put(state, refused), outcome: outcomeOf(refused) };
  }
  return { state: put(state, { ...notification, leasedAt: now }), outcome: { kind: "send" } };
}

function repeat(first: Notification, draft: Draft, now: number): RepeatOutcome {
  if (!isSameRequest(first, draft)) return { kind: "idempotency_mismatch" };
  const retryAfterMs = leaseEnd(first) - now;
  // A send without an answer has an error, and its request has ended.
  const isRunning = isWaiting(first) && first.error === null && retryAfterMs > 0;
  if (isRunning) return { kind: "idempotency_in_progress", retryAfterMs };
  const wasRefused = first.status === "failed" && first.providerMessageId === null;
  return { kind: "replayed", notification: wasRefused ? snapshotOf(first) : asAccepted(first) };
}

/** The outcome of the job of a notification that is no longer to be sent. */
export function outcomeOf({ status, error }: Notification): JobOutcome {
  if (status !== "failed" || error === null) return { kind: "sent" };
  return isOptOut(error) ? { kind: "opted_out" } : { kind: "failed", error };
}

export function later(milliseconds: number): JobOutcome {
  return { kind: "later", delaySeconds: Math.max(1, Math.ceil(milliseconds / 1000)) };
}

export interface SettleCommand {
  readonly id: NotificationId;
  readonly result: SendResult;
  /** Whether a temporary rejection is final, because no job will retry it. */
  readonly isLast: boolean;
}

export interface Settled {
  readonly outcome: JobOutcome;
  /** Null when the record no longer holds it. */
  readonly notification: NotificationSnapshot | null;
}

/** After a temporary rejection a job is delayed by half the notification's age, within these limits. */
const SHORTEST_DELAY_MS = 15_000;
const LONGEST_DELAY_MS = 1_800_000;

/**
 * Records the result of a send. After a temporary rejection the notification waits for its job again, for a
 * day. Without an answer from the provider it stays leased, because the message may have been sent.
 */
export function settle(
  before: ContactState,
  command: SettleCommand,
  now: number,
): { readonly state: ContactState; readonly outcome: Settled } {
  const advanced = advance(before, now);
  const known = find(advanced, command.id);
  if (known === undefined)
    return { state: advanced, outcome: { outcome: { kind: "sent" }, notification: null } };
  const notification = withResult(known, command, now);
  const isOptOutError = notification.status === "failed" && isOptOut(notification.error);
  const state = isOptOutError ? optOut(advanced, now) : advanced;
  const mayRetry = isWaiting(notification) && notification.leasedAt === null;
  const delayMs = (now - notification.createdAt) / 2;
  return {
    state: put(state, notification),
    outcome: {
      outcome: mayRetry
        ? later(Math.min(Math.max(delayMs, SHORTEST_DELAY_MS), LONGEST_DELAY_MS))
        : outcomeOf(notification),
      notification: snapshotOf(notification),
    },
  };
}

/** A status update may arrive before the answer of the send; it then takes precedence. */
function withResult(
  notification: Notification,
  { result, isLast }: SettleCommand,
  now: number,
): Notification {
  if (result.kind === "accepted") {
    const error = notification.status === "failed" ? notification.error : null;
    return {
      ...notification,
      providerMessageId: notification.providerMessageId ?? result.providerMessageId,
      error,
    };
  }
  if (!isWaiting(notification)) return notification;
  const error = errorOf(result.failure);
  if (result.kind === "unknown") return { ...notification, error };
  if (result.failure.temporary && !isLast) return { ...notification, error, leasedAt: null };
  // A request that may succeed later can be repeated under its key.
  const idempotency = result.failure.temporary ? null : (notification.idempotency ?? null);
  return failed({ ...notification, idempotency }, error, now);
}

function errorOf({ code, title, action, details }: ChannelFailure): MessageError {
  return details === undefined ? { code, title, action } : { code, title, action, details };
}

/** What updates showed about notifications of this recipient. */
export interface UpdateReport {
  /** The provider's ids of updates that match no known notification. */
  readonly unknown: readonly string[];
  /** The notifications that failed, repeats included. */
  readonly failed: readonly FailedMessage[];
}

/**
 * Applies status updates for this recipient. Repeats and any order give the same result.
 */
export function recordUpdates(
  before: ContactState,
  updates: readonly NotificationUpdate[],
  now: number,
): { readonly state: ContactState; readonly outcome: UpdateReport } {
  let state = advance(before, now);
  const unknown: string[] = [];
  const failed: FailedMessage[] = [];
  for (const update of updates) {
    const known =
      update.notification === null
        ? state.notifications.find(
            (notification) => notification.providerMessageId === update.providerMessageId,
          )
        : find(state, update.notification);
    if (known === undefined) {
      unknown.push(update.providerMessageId);
      continue;
    }
    if (update.status === "failed") failed.push(toFailedMessage(known, update));
    const notification = applyUpdate(known, update);
    if (notification === known) continue;
    state = put(state, notification);
    const hasFailed = notification.status === "failed" && known.status !== "failed";
    if (hasFailed && isOptOut(notification.error)) state = optOut(state, notification.updatedAt);
  }
  return { state, outcome: { unknown, failed } };
}

function toFailedMessage(
  { protectedNumber, template, language }: Notification,
  { providerMessageId }: NotificationUpdate,
): FailedMessage {
  return { providerMessageId, country: protectedNumber.country, template, language };
}
