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
  category: "authentication" | "utility" | "marketing" | "service";
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

/** A text, tap or shared card of a user, as `GET /_sim/inbound` returns it. */
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
  /** The number on a shared card, and whether it answers the business's request for it; null without a card. */
  card?: { number: string; origin: "contact_request" | "other" } | null;
  /** The tapped button is below a free-form message. */
  is_reply_button?: boolean;
  /** The user has a username: WhatsApp names their id and no number. */
  without_number?: boolean;
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

/**
 * A message id in the form of WhatsApp's: base64 of a Thrift struct with the user's number and a random text.
 * The text's length avoids padding, so that the id is safe in a URL path.
 *
 * @param number The user's, in E.164
 */
export function newMessageId(number: string): string {
  const digits = number.slice(1);
  const length = 18 + ((3 - ((digits.length + 1) % 3)) % 3);
  const random = crypto.getRandomValues(new Uint8Array(length));
  const text = Array.from(random, (byte) => (byte % 16).toString(16).toUpperCase()).join("");
  const [numberLength, textLength] = [digits, text].map((part) => String.fromCharCode(part.length));
  return `wamid.${btoa(`\x1c\x18${numberLength}${digits}\x15\x02\x00\x11\x18${textLength}${text}\x00`)}`;
}
