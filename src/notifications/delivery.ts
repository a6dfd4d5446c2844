import type { NotificationUpdate } from "../channels/channel.ts";
import type { NotificationId } from "../ids/notification-id.ts";
import { applyUpdate } from "../messages/delivery-update.ts";
import type { ChannelFailure, MessageError, SendResult } from "../messages/message.ts";
import { type Draft, hasRoom, newNotification, refusalOf } from "./accept.ts";
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
  /** It is the asker's to send now, and nobody else's. */
  | { readonly kind: "send" }
  /** No free-form message may be sent; when that ended, null where the user is not known to have written. */
  | { readonly kind: "closed"; readonly endedAt: number | null }
  | JobOutcome;

/** How long a job waits for others to the same number. */
const BUSY_SECONDS = 30;

/**
 * Asked right before a send: is it still to be made? The notification stands in the record as taken before
 * anybody sends it, so that a job that comes again, for whatever reason, sends nothing while an earlier one
 * may be at it; and nothing at all once WhatsApp is known to have it.
 */
export function claim(
  before: ContactState,
  draft: Draft,
  now: number,
): { readonly state: ContactState; readonly outcome: ClaimOutcome } {
  const state = withConsent(before, draft.elsewhere, now);
  const known = find(state, draft.id);
  if (known !== undefined && !isWaiting(known)) return { state, outcome: outcomeOf(known) };
  if (known !== undefined && now < leaseEnd(known)) return { state, outcome: later(leaseEnd(known) - now) };
  if (known === undefined && !hasRoom(state)) return { state, outcome: later(BUSY_SECONDS * 1000) };

  const refusal = refusalOf(state.consent, draft, now);
  if (refusal === WINDOW_CLOSED && known === undefined) {
    return { state, outcome: { kind: "closed", endedAt: windowEnd(state.consent) } };
  }
  const notification = known ?? newNotification(draft, now);
  if (refusal !== null) {
    const refused = failed(notification, refusal, now);
    return { state: put(state, refused), outcome: outcomeOf(refused) };
  }
  return { state: put(state, { ...notification, takenAt: now }), outcome: { kind: "send" } };
}

/** What a notification that nobody has to send any more means to whoever holds its job. */
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
  /** True where no job will come again: then a refusal is final, be it ever so temporary. */
  readonly isLast: boolean;
}

export interface Settled {
  readonly outcome: JobOutcome;
  /** Null when the object has forgotten it meanwhile. */
  readonly notification: NotificationSnapshot | null;
}

/** How long a temporary refusal delays the job: half of what it has waited already, within these. */
const SHORTEST_DELAY_MS = 15_000;
const LONGEST_DELAY_MS = 1_800_000;

/**
 * Takes in what became of a send. After a temporary refusal the notification waits for its job to come again,
 * for a day; where the provider did not answer it stays taken, for it may be on its way.
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
  const isRefusal = notification.status === "failed" && isOptOut(notification.error);
  const state = isRefusal ? optOut(advanced, now) : advanced;
  const mayComeAgain = isWaiting(notification) && notification.takenAt === null;
  const wait = (now - notification.createdAt) / 2;
  return {
    state: put(state, notification),
    outcome: {
      outcome: mayComeAgain
        ? later(Math.min(Math.max(wait, SHORTEST_DELAY_MS), LONGEST_DELAY_MS))
        : outcomeOf(notification),
      notification: snapshotOf(notification),
    },
  };
}

/** A status update may have come before: then it knows better than the answer. */
function withResult(one: Notification, { result, isLast }: SettleCommand, now: number): Notification {
  if (result.kind === "accepted") {
    const error = one.status === "failed" ? one.error : null;
    return { ...one, providerMessageId: one.providerMessageId ?? result.providerMessageId, error };
  }
  if (!isWaiting(one)) return one;
  const error = errorOf(result.failure);
  if (result.kind === "unknown") return { ...one, error };
  if (result.failure.temporary && !isLast) return { ...one, error, takenAt: null };
  return failed(one, error, now);
}

function errorOf({ code, title, action }: ChannelFailure): MessageError {
  return { code, title, action };
}

/**
 * Takes in the updates of WhatsApp's webhook for this recipient, in any order and however often. Answers the
 * provider's ids of those that are about no notification it knows.
 */
export function recordUpdates(
  before: ContactState,
  updates: readonly NotificationUpdate[],
  now: number,
): { readonly state: ContactState; readonly outcome: readonly string[] } {
  let state = advance(before, now);
  const unknown: string[] = [];
  for (const update of updates) {
    const known =
      update.notification === null
        ? state.notifications.find((one) => one.providerMessageId === update.providerMessageId)
        : find(state, update.notification);
    if (known === undefined) {
      unknown.push(update.providerMessageId);
      continue;
    }
    const notification = applyUpdate(known, update);
    if (notification === known) continue;
    state = put(state, notification);
    const hasFailed = notification.status === "failed" && known.status !== "failed";
    if (hasFailed && isOptOut(notification.error)) state = optOut(state, notification.updatedAt);
  }
  return { state, outcome: unknown };
}
