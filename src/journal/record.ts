import type { NotificationEvent } from "../notifications/notification.ts";
import type { EventVerification, VerificationEvent } from "../phone-number/event.ts";
import { type NotificationRow, toNotificationRow } from "./notification-row.ts";
import { type ClosedVerification, type JournalRow, toRow } from "./row.ts";
import { type Table, upsert } from "./upsert.ts";

const VERIFICATIONS: Table<JournalRow> = {
  name: "verifications",
  key: ["hour", "number_tag", "id"],
  fixed: ["created_at", "number_masked", "country", "purpose", "locale", "metadata", "bind", "test"],
  current: [
    "status",
    "reason",
    "channel",
    "template",
    "language",
    "error_code",
    "error_channel",
    "sends",
    "sends_remaining",
    "attempts_remaining",
    "price_category",
    "billed_messages",
    "sent_at",
    "delivered_at",
    "read_at",
    "closed_at",
    "expires_at",
    "messages",
    "identity_changed",
    "revision",
  ],
};

const NOTIFICATIONS: Table<NotificationRow> = {
  name: "notifications",
  key: ["created_at", "id"],
  fixed: ["batch_id", "number_tag", "number_masked", "country", "metadata", "template", "language"],
  current: [
    "status",
    "error_code",
    "price_category",
    "billed",
    "revision",
    "sent_at",
    "delivered_at",
    "read_at",
    "failed_at",
  ],
};

/** Writes down the closed verifications among those that the events are about. */
export function recordVerifications(db: D1Database, events: readonly VerificationEvent[]): Promise<void> {
  const closed = events.map(({ verification }) => verification).filter(isClosed);
  return upsert(db, VERIFICATIONS, closed.map(toRow));
}

/** Writes down the notifications that the events are about. */
export function recordNotifications(db: D1Database, events: readonly NotificationEvent[]): Promise<void> {
  return upsert(
    db,
    NOTIFICATIONS,
    events.map(({ notification }) => toNotificationRow(notification)),
  );
}

function isClosed(verification: EventVerification): verification is ClosedVerification {
  return verification.closedAt !== null;
}
