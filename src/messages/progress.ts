import type { MessageUpdate } from "./delivery-update.ts";
import type { MessageError, MessageStatus, Pricing } from "./message.ts";

/** How far a message has come. */
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
 * The order in which a message's story can only go forward. Whichever way updates arrive and however often,
 * the furthest one stands. A failure yields to a sign of life: a phone that shows a message has received it.
 */
const PROGRESS: Record<MessageStatus, number> = { queued: 0, sent: 1, failed: 2, delivered: 3, read: 4 };

/** Brings a message to what is told of it. The very same message comes back when that was known already. */
export function applyUpdate<Message extends Progress>(message: Message, news: MessageUpdate): Message {
  const further = PROGRESS[news.status] > PROGRESS[message.status];
  const pricing = message.pricing ?? news.pricing;
  const times = withTime(message, news);
  const isNews =
    further || message.providerMessageId === null || pricing !== message.pricing || times !== null;
  if (!isNews) return message;
  return {
    ...message,
    providerMessageId: message.providerMessageId ?? news.providerMessageId,
    pricing,
    ...times,
    // Providers count in seconds, and nothing happened to a message before it was made.
    ...(further && {
      status: news.status,
      error: news.error,
      updatedAt: Math.max(news.at, message.createdAt),
    }),
  };
}

/** The earliest time that is known for what an update tells; null when that changes nothing. */
function withTime(message: Progress, { status, at }: MessageUpdate): Partial<Progress> | null {
  if (status === "failed") return null;
  const field = `${status}At` as const;
  const known = message[field];
  const time = Math.max(at, message.createdAt);
  return known === null || time < known ? { [field]: time } : null;
}
