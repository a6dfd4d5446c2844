import type { NumberInEvents } from "../ids/protected-number.ts";
import type { NotificationSnapshot } from "./notification.ts";

export const NOTIFICATION_EVENT_TYPES = [
  "notification.sent",
  "notification.delivered",
  "notification.read",
  "notification.failed",
] as const;
export type NotificationEventType = (typeof NOTIFICATION_EVENT_TYPES)[number];

/** Each change of a notification. The journal takes all of them. */
export interface NotificationEvent {
  readonly kind: "notification";
  /** `evt_`, the notification's id and its revision. */
  readonly id: string;
  readonly type: NotificationEventType;
  readonly at: number;
  readonly notification: EventNotification;
}

/** A notification as an event carries it. */
export interface EventNotification extends Omit<NotificationSnapshot, "to">, NumberInEvents {
  readonly revision: number;
}
