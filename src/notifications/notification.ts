import type { FilledComponent } from "../channels/whatsapp/payload.ts";
import type { BatchId } from "../ids/batch-id.ts";
import type { NotificationId } from "../ids/notification-id.ts";
import type { ProtectedNumber } from "../ids/protected-number.ts";
import type { MessageError, MessageStatus, Pricing } from "../messages/message.ts";
import type { E164 } from "../numbering/e164.ts";

/** A notification as the outside may see it. Its text is in none of this. Times in milliseconds since the epoch. */
export interface NotificationSnapshot {
  readonly id: NotificationId;
  readonly to: E164;
  readonly status: MessageStatus;
  /** Null for a free-form message, as is the language. */
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

/** What is to be said to somebody. It travels and is stored sealed: numbers and texts are nobody else's business. */
export interface NotificationContent {
  readonly to: E164;
  readonly says:
    | {
        readonly kind: "template";
        readonly name: string;
        readonly language: string;
        readonly components: readonly FilledComponent[];
      }
    | { readonly kind: "text"; readonly text: string };
  readonly metadata: Readonly<Record<string, string>>;
}

/** What the queue carries. Whoever takes it asks the recipient's object before anything is sent. */
export interface NotificationJob {
  readonly id: NotificationId;
  /** The content as JSON, sealed with the id as its context. */
  readonly sealed: string;
  readonly batch: { readonly id: BatchId; readonly ordinal: number } | null;
}

/** What came of a job. */
export type JobOutcome =
  /** WhatsApp took it, now or before; or nobody knows, and a status update will tell. */
  | { readonly kind: "sent" }
  | { readonly kind: "failed"; readonly error: MessageError }
  /** The recipient wants no such messages. */
  | { readonly kind: "opted_out" }
  /** Somebody else is at it, or every sender rests: come again. */
  | { readonly kind: "later"; readonly delaySeconds: number };

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
export interface EventNotification extends Omit<NotificationSnapshot, "to">, ProtectedNumber {
  readonly revision: number;
}

/** Why a notification was not sent, where that was not WhatsApp's decision. */

export const OPTED_OUT: MessageError = {
  code: "opted_out",
  title: "The recipient wants no messages from this business",
  action: "Send none until they ask for them again.",
};

export const WINDOW_CLOSED: MessageError = {
  code: "window_closed",
  title: "The user's 24-hour window is closed",
  action: "Send a template, or wait until they write.",
};

export const GAVE_UP: MessageError = {
  code: "gave_up",
  title: "It could not be sent for a day",
  action: "Send it again if it still matters.",
};

export const UNREADABLE: MessageError = {
  code: "unreadable",
  title: "It was sealed under a SECRET_KEY that is gone",
  action: "Keep SECRET_KEY_PREVIOUS for as long as notifications wait.",
};

/** WhatsApp's own word for users who stopped a business's messages in the app ("Error codes"). */
const STOPPED_BY_USER = "131050";

/** Whether an error says that the recipient wants no messages. */
export function isOptOut(error: MessageError | null): boolean {
  return error?.code === OPTED_OUT.code || error?.code === STOPPED_BY_USER;
}
