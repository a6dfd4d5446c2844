import * as z from "zod";
import type { NotificationSnapshot } from "../notifications/notification.ts";
import { documented } from "../platform/documented.ts";
import { toIso, toIsoOrNull } from "../platform/time.ts";
import { messageErrorBody } from "./message-error.ts";

const time = documented(() => z.iso.datetime());

/** A notification, as answers and events show it. */
export const notificationBody = documented(() =>
  z
    .object({
      id: z.string(),
      app: z.string().meta({ description: "The app that it belongs to." }),
      status: z.enum(["queued", "sent", "delivered", "read", "failed"]),
      to: z.string(),
      template: z.string().nullable().meta({ description: "Null for a free-form message." }),
      language: z.string().nullable(),
      batch_id: z.string().nullable(),
      metadata: z.record(z.string(), z.string()),
      provider_message_id: z.string().nullable(),
      error: messageErrorBody.nullable(),
      created_at: time,
      updated_at: time,
      sent_at: time.nullable(),
      delivered_at: time.nullable(),
      read_at: time.nullable(),
    })
    .meta({ id: "Notification" }),
);

/** The parts of a notification that its body shows. */
export interface ShownNotification extends Omit<NotificationSnapshot, "to" | "pricing"> {
  readonly to: string;
}

export function toNotificationBody(notification: ShownNotification): z.input<typeof notificationBody> {
  const { id, app, status, to, template, language, metadata, error } = notification;
  return {
    id,
    app,
    status,
    to,
    template,
    language,
    batch_id: notification.batch,
    metadata,
    provider_message_id: notification.providerMessageId,
    error,
    created_at: toIso(notification.createdAt),
    updated_at: toIso(notification.updatedAt),
    sent_at: toIsoOrNull(notification.sentAt),
    delivered_at: toIsoOrNull(notification.deliveredAt),
    read_at: toIsoOrNull(notification.readAt),
  };
}
