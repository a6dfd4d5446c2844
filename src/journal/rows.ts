import { storedAppName } from "../ids/app-name.ts";
import { recipientOf } from "../ids/notification-id.ts";
import { ownerOf } from "../ids/verification-id.ts";
import type { Message, MessageStatus } from "../messages/message.ts";
import type { EventNotification } from "../notifications/notification.ts";
import type { EventVerification } from "../phone-number/event.ts";
import type { VerificationSnapshot } from "../phone-number/snapshot.ts";
import { HOUR_MS, MINUTE_MS, toIso } from "../platform/time.ts";

/** A row of the view `verifications`; `migrations/` documents its columns. */
export type VerificationRow = Readonly<ReturnType<typeof toVerificationRow>>;

/** A row of the view `notifications`; `migrations/` documents its columns. */
export type NotificationRow = Readonly<ReturnType<typeof toNotificationRow>>;

export type ClosedVerification = EventVerification & { readonly closedAt: number };

/** A verification as the journal stores it: the number masked, the messages without their provider's ids. */
export interface JournaledVerification extends Omit<VerificationSnapshot, "to" | "messages"> {
  /** Null where the number was never learned. */
  readonly to: string | null;
  /** ISO 3166-1 alpha-2; null where the calling code belongs to no single country. */
  readonly country: string | null;
  readonly messages: readonly JournaledMessage[];
}

type Milestone = "sentAt" | "deliveredAt" | "readAt";

type JournaledMessage = Omit<Message, "sender" | "leasedAt" | "timeToLiveSeconds" | Milestone> & {
  readonly providerMessageId: null;
};

/** A message in the column `messages`, which people query as JSON. */
interface StoredMessage extends Pick<Message, "channel" | "status" | "template" | "language"> {
  readonly error: Message["error"];
  readonly pricing: Message["pricing"];
  readonly created_at: string;
  readonly updated_at: string;
}

/** The statuses that imply each milestone. */
const PASSED: Readonly<Record<Milestone, ReadonlySet<MessageStatus>>> = {
  sentAt: new Set(["sent", "delivered", "read"]),
  deliveredAt: new Set(["delivered", "read"]),
  readAt: new Set(["read"]),
};

/**
 * The hour of a time (milliseconds since the epoch), counted from the epoch in UTC. The key of `verifications`
 * begins with it: a query that does not name the hours of its range reads the whole table.
 */
export function hourOf(time: number): number {
  return Math.floor(time / HOUR_MS);
}

/** The minute of a time within its hour, the second part of the key. */
export function minuteOf(time: number): number {
  return Math.floor(time / MINUTE_MS) % 60;
}

/** Converts a closed verification to its row. */
export function toVerificationRow(verification: ClosedVerification) {
  const { id, messages, bind } = verification;
  const newest = messages.at(-1);
  const withError = messages.findLast(({ error }) => error !== null);
  const billed = messages.filter(({ pricing }) => pricing?.billable);
  const priced = billed.at(-1) ?? messages.findLast(({ pricing }) => pricing !== null);
  return {
    hour: hourOf(verification.createdAt),
    minute: minuteOf(verification.createdAt),
    number_tag: ownerOf(id),
    id,
    app: verification.app,
    via: verification.via,
    method: verification.method,
    number_learned: verification.numberLearned ? 1 : 0,
    other_number_ends_with: verification.otherNumberEndsWith,
    number_masked: verification.toMasked,
    country: verification.country,
    purpose: verification.purpose,
    test: verification.test ? 1 : 0,
    locale: verification.locale,
    status: verification.status,
    reason: verification.reason,
    channel: newest?.channel ?? null,
    template: newest?.template ?? null,
    language: newest?.language ?? null,
    sender: newest?.sender ?? null,
    error_code: withError?.error?.code ?? null,
    error_channel: withError?.channel ?? null,
    sends: messages.length,
    sends_remaining: verification.sendsRemaining,
    attempts_remaining: verification.attemptsRemaining,
    price_category: priced?.pricing?.category ?? null,
    billed_messages: billed.length,
    sent_at: firstTime("sentAt", messages),
    delivered_at: firstTime("deliveredAt", messages),
    read_at: firstTime("readAt", messages),
    created_at: verification.createdAt,
    closed_at: verification.closedAt,
    expires_at: verification.expiresAt,
    metadata: JSON.stringify(verification.metadata),
    bind: bind && JSON.stringify(bind),
    messages: JSON.stringify(messages.map(toStoredMessage)),
    identity_changed: verification.identityChanged ? 1 : 0,
    revision: verification.revision,
  };
}

/** Reads a row of `verifications`. */
export function fromVerificationRow(row: VerificationRow): JournaledVerification {
  const messages: readonly StoredMessage[] = JSON.parse(row.messages);
  return {
    id: row.id,
    to: row.number_masked === "" ? null : row.number_masked,
    country: row.country,
    app: storedAppName(row.app),
    via: row.via,
    method: row.method,
    numberLearned: row.number_learned === 1,
    otherNumberEndsWith: row.other_number_ends_with,
    test: row.test === 1,
    status: row.status,
    reason: row.reason,
    purpose: row.purpose,
    channel: row.channel,
    locale: row.locale,
    bind: row.bind === null ? null : JSON.parse(row.bind),
    metadata: JSON.parse(row.metadata),
    identityChanged: row.identity_changed === 1,
    attemptsRemaining: row.attempts_remaining,
    sendsRemaining: row.sends_remaining,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    resendAt: null,
    closedAt: row.closed_at,
    messages: messages.map(({ created_at, updated_at, ...message }) => ({
      ...message,
      providerMessageId: null,
      createdAt: Date.parse(created_at),
      updatedAt: Date.parse(updated_at),
    })),
  };
}

/** Converts a notification to its row. */
export function toNotificationRow(notification: EventNotification) {
  const { id, status, pricing } = notification;
  return {
    id,
    app: notification.app,
    batch_id: notification.batch,
    number_tag: recipientOf(id),
    number_masked: notification.toMasked,
    country: notification.country,
    template: notification.template,
    language: notification.language,
    status,
    error_code: notification.error?.code ?? null,
    price_category: pricing?.category ?? null,
    billed: pricing?.billable === true ? 1 : 0,
    created_at: notification.createdAt,
    sent_at: firstTime("sentAt", [notification]),
    delivered_at: firstTime("deliveredAt", [notification]),
    read_at: firstTime("readAt", [notification]),
    failed_at: status === "failed" ? notification.updatedAt : null,
    metadata: JSON.stringify(notification.metadata),
    revision: notification.revision,
  };
}

/**
 * When the first of the messages passed a milestone; null when none has. Where the provider never reported the
 * milestone itself, a later status implies it: a message that was read has been delivered.
 */
function firstTime(
  milestone: Milestone,
  messages: readonly Pick<Message, Milestone | "status" | "updatedAt">[],
): number | null {
  const times = messages.flatMap((message) => {
    const implied = PASSED[milestone].has(message.status) ? message.updatedAt : null;
    return message[milestone] ?? implied ?? [];
  });
  return times.length === 0 ? null : Math.min(...times);
}

function toStoredMessage(message: Message): StoredMessage {
  const { channel, status, template, language, error, pricing } = message;
  return {
    channel,
    status,
    template,
    language,
    error,
    pricing,
    created_at: toIso(message.createdAt),
    updated_at: toIso(message.updatedAt),
  };
}
