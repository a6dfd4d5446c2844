import type { FilledComponent, ReplyButton } from "../channels/whatsapp/payload.ts";
import type { AppName } from "../ids/app-name.ts";
import type { BatchId } from "../ids/batch-id.ts";
import type { NotificationId } from "../ids/notification-id.ts";
import type { ProtectedNumber } from "../ids/protected-number.ts";
import type { MessageError, MessageStatus, Pricing } from "../messages/message.ts";
import type { E164 } from "../numbering/e164.ts";

/** The public part of a notification, without its text. Times in milliseconds since the epoch. */
export interface NotificationSnapshot {
  readonly id: NotificationId;
  readonly app: AppName;
  readonly to: E164;
  readonly status: MessageStatus;
  /** Null for a free-form message, as is `language`. */
  readonly template: string | null;
  readonly language: string | null;
  readonly batch: BatchId | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly providerMessageId: string | null;
  readonly error: MessageError | null;
  readonly pricing: Pricing | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly sentAt: number | null;
  readonly deliveredAt: number | null;
  readonly readAt: number | null;
}

/** The message and its recipient. Encrypted in queues and storage, because it contains the number and the text. */
export interface NotificationContent {
  readonly app: AppName;
  readonly to: E164;
  readonly message:
    | {
        readonly kind: "template";
        readonly name: string;
        readonly language: string;
        readonly components: readonly FilledComponent[];
      }
    | {
        readonly kind: "text";
        readonly text: string;
        readonly buttons?: readonly ReplyButton[];
        /** The team's number that the user wrote to, by Meta's id, where it is known. */
        readonly sender?: string | undefined;
      };
  readonly metadata: Readonly<Record<string, string>>;
}

/** A queue message. The consumer asks the contact object before it sends anything. */
export interface NotificationJob {
  readonly id: NotificationId;
  /** The content as JSON, encrypted with the id as context. */
  readonly sealed: string;
  readonly batch: { readonly id: BatchId; readonly ordinal: number } | null;
}

/** The outcome of a job. */
export type JobOutcome =
  /** WhatsApp accepted the message, or may have: a status update will decide. */
  | { readonly kind: "sent" }
  | { readonly kind: "failed"; readonly error: MessageError }
  /** The recipient has opted out. */
  | { readonly kind: "opted_out" }
  /** Another consumer holds the lease, or no sender is available; retry later. */
  | { readonly kind: "later"; readonly delaySeconds: number };

export const NOTIFICATION_EVENT_TYPES = [
  "notification.sent",
  "notification.delivered",
  "notification.read",
  "notification.failed",
] as const;
export type NotificationEventType = (typeof NOTIFICATION_EVENT_TYPES)[number];

/** A change of a notification. All of them are recorded in the journal. */
export interface NotificationEvent {
  readonly kind: "notification";
  /** `evt_`, the notification's id and its revision. */
  readonly id: string;
  readonly type: NotificationEventType;
  readonly at: number;
  readonly notification: EventNotification;
}

/** A notification as an event carries it. */
export interface EventNotification extends Omit<NotificationSnapshot, "to">, ProtectedNumber {
  readonly revision: number;
}

export const OPTED_OUT: MessageError = {
  code: "opted_out",
  title: "The recipient has opted out of messages from this business",
  action: "Do not send until they opt in again.",
};

export const WINDOW_CLOSED: MessageError = {
  code: "window_closed",
  title: "The user's 24-hour window is closed",
  action: "Send a template, or wait until the user writes.",
};

export const EXPIRED: MessageError = {
  code: "gave_up",
  title: "The notification could not be sent for a day",
  action: "Send it again if it is still relevant.",
};

export const UNREADABLE: MessageError = {
  code: "unreadable",
  title: "The content was encrypted under a SECRET_KEY that is no longer configured",
  action: "Keep SECRET_KEY_PREVIOUS until no notifications wait.",
};

/** WhatsApp's error code for users who stopped a business's messages in the app ("Error codes"). */
const STOPPED_BY_USER = "131050";

/** Whether an error means that the recipient has opted out. */
export function isOptOut(error: MessageError | null): boolean {
  return error?.code === OPTED_OUT.code || error?.code === STOPPED_BY_USER;
}
