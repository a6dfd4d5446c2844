import type { FilledComponent } from "../channels/whatsapp/payload.ts";
import type { BatchId } from "../ids/batch-id.ts";
import type { NotificationId } from "../ids/notification-id.ts";
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
