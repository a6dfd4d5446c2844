import type { RenderedMessage } from "./templates/render.ts";

/** The status of a message; `accepted` until the first webhook. */
export type MessageStatus = "accepted" | "sent" | "delivered" | "read" | "failed";

/** The fields of messages of every channel, as `GET /_sim/messages` returns them. */
interface CommonMessage {
  id: string;
  /** E.164, with the plus sign. */
  to: string;
  /** The whole visible text. */
  text: string;
  status: MessageStatus;
  /** The error code; null unless `status` is `failed`. */
  error: { code: number | string; title: string } | null;
  callback_data: string | null;
  created_at: string;
}

/** A message in the phone's WhatsApp. Its text has header and footer on lines of their own. */
export interface WhatsAppMessage extends CommonMessage, RenderedMessage {
  channel: "whatsapp";
  /** WhatsApp's category; `service` is a free-form reply. */
  category: "authentication" | "utility" | "service";
  /** Null for a free-form reply, as are the language and, but for an authentication template, the code. */
  template: string | null;
  language: string | null;
  code: string | null;
  /** The message that this one quotes. */
  context_id: string | null;
}

/** A text message and its gateway. */
export interface SmsMessage extends CommonMessage {
  channel: "sms";
  gateway: GatewayName;
  /** The sender that the phone shows. */
  from: string;
  template: null;
  language: null;
  /** Null where the text has none. */
  code: string | null;
  /** The callback URL; null when no callbacks were requested. */
  callback_url: string | null;
}

export type GatewayName = "twilio" | "vonage" | "http";

/** One message on a simulated phone. */
export type Message = WhatsAppMessage | SmsMessage;

/** A text or tap of a user, as `GET /_sim/inbound` returns it. */
export interface InboundMessage {
  id: string;
  /** E.164, with the plus sign. */
  from: string;
  /** As typed, or the tapped button's label. */
  text: string;
  /** Null for a typed message, as is the context. */
  button_payload: string | null;
  /** The message that has the button. */
  context_id: string | null;
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
