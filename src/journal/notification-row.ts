import { recipientOf } from "../ids/notification-id.ts";
import type { EventNotification } from "../notifications/notification.ts";
import { firstTo } from "./row.ts";

/** A row of the journal's notifications; `migrations/` says what each column is for. */
export type NotificationRow = Readonly<ReturnType<typeof toNotificationRow>>;

/** Writes a notification down. */
export function toNotificationRow(notification: EventNotification) {
  const { id, status, pricing } = notification;
  return {
    id,
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
    sent_at: firstTo("sentAt", [notification]),
    delivered_at: firstTo("deliveredAt", [notification]),
    read_at: firstTo("readAt", [notification]),
    failed_at: status === "failed" ? notification.updatedAt : null,
    metadata: JSON.stringify(notification.metadata),
    revision: notification.revision,
  };
}
