import type { VerificationId } from "../ids/verification-id.ts";
import type { MessageError, MessageStatus, Pricing } from "./message.ts";

/** What a provider's webhook says about a message. */
export interface MessageUpdate {
  readonly providerMessageId: string;
  readonly status: Exclude<MessageStatus, "queued">;
  /** When the provider saw it happen, in milliseconds since the epoch. */
  readonly at: number;
  readonly error: MessageError | null;
  readonly pricing: Pricing | null;
}

/** A status update about a verification's message. */
export interface DeliveryUpdate extends MessageUpdate {
  /** Null where the provider did not echo the callback data; then the provider's id identifies the message. */
  readonly message: { readonly id: VerificationId; readonly ordinal: number } | null;
  /** The team's number that the message came from, by WhatsApp's id of it. */
  readonly sender?: string | null;
  /** WhatsApp's hash of the recipient's keys, where the deployment watches identities. */
  readonly identityHash?: string | null;
  /** The failure would meet any message to this recipient, such as a number that is not on WhatsApp. */
  readonly failsAnyMessage?: boolean;
}

/** A message of ours that a provider reports as failed, and what it was sent with. */
export interface FailedMessage {
  readonly providerMessageId: string;
  readonly country: string | null;
  readonly template: string | null;
  readonly language: string | null;
}

/** A message whose price category a provider has reported. */
export interface PricedMessage extends Pricing {
  readonly country: string | null;
}

/** The part of a message that updates change. */
export interface Progress {
  readonly status: MessageStatus;
  readonly providerMessageId: string | null;
  readonly error: MessageError | null;
  readonly pricing: Pricing | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly sentAt: number | null;
  readonly deliveredAt: number | null;
  readonly readAt: number | null;
}

/**
 * Statuses in the order in which a message moves through them, never back: updates may arrive in any order
 * and more than once, and the furthest status stands. "delivered" and "read" outrank "failed", because a phone
 * that shows a message has received it.
 */
const PROGRESS: Record<MessageStatus, number> = { queued: 0, sent: 1, failed: 2, delivered: 3, read: 4 };

/** Applies an update to a message. Returns the same object when it brings nothing new. */
export function applyUpdate<Message extends Progress>(message: Message, update: MessageUpdate): Message {
  const isFurther = PROGRESS[update.status] > PROGRESS[message.status];
  const pricing = message.pricing ?? update.pricing;
  const times = newTime(message, update);
  const changes =
    isFurther || message.providerMessageId === null || pricing !== message.pricing || times !== null;
  if (!changes) return message;
  const updated = {
    ...message,
    ...times,
    providerMessageId: message.providerMessageId ?? update.providerMessageId,
    pricing,
  };
  if (!isFurther) return updated;
  // Providers count in whole seconds, so an update can appear to be older than its message.
  const updatedAt = Math.max(update.at, message.createdAt);
  return { ...updated, status: update.status, error: update.error, updatedAt };
}

/** The earliest known time of the update's status; null when it is known already. */
function newTime(message: Progress, { status, at }: MessageUpdate): Partial<Progress> | null {
  if (status === "failed") return null;
  const field = `${status}At` as const;
  const known = message[field];
  const time = Math.max(at, message.createdAt);
  return known === null || time < known ? { [field]: time } : null;
}
