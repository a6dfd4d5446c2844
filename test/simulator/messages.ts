import type { RenderedMessage } from "./templates.ts";

/** Where a message is on its way; `accepted` is before the first webhook. */
export type MessageStatus = "accepted" | "sent" | "delivered" | "read" | "failed";

/** One message on a simulated phone. The field names are those of `GET /_sim/messages`. */
export interface Message extends RenderedMessage {
  id: string;
  channel: "whatsapp";
  /** E.164, with the plus sign. */
  to: string;
  template: string;
  language: string;
  code: string;
  /** Everything the user reads, the footer on its own line. */
  text: string;
  status: MessageStatus;
  /** Why it failed; null unless `status` is `failed`. */
  error: { code: number; title: string } | null;
  callback_data: string | null;
  created_at: string;
}

const RANK: Record<MessageStatus, number> = { accepted: 0, sent: 1, delivered: 2, failed: 3, read: 4 };

/**
 * The later of two statuses. Webhooks may be sent in any order to test the receiver; the phone itself never
 * goes back from read to delivered.
 */
export function laterStatus(current: MessageStatus, next: MessageStatus): MessageStatus {
  return RANK[next] > RANK[current] ? next : current;
}

const ID_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** A message id that looks like WhatsApp's and is safe in a URL path. */
export function newMessageId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(48));
  return `wamid.HBg${Array.from(bytes, (byte) => ID_ALPHABET[byte % ID_ALPHABET.length]).join("")}`;
}
