/** A message that the Worker hands to a provider. */
export interface OutgoingMessage {
  readonly channel: "whatsapp" | "sms";
  /** E.164. */
  readonly number: string;
  /** The callback data that its webhooks repeat. */
  readonly reference: string | null;
  readonly code: string | null;
}

/** A message that a provider accepted, under the id that its webhooks name. */
export interface SentMessage extends OutgoingMessage {
  readonly id: string;
}

interface WhatsAppMessage {
  readonly to: string;
  readonly biz_opaque_callback_data?: string;
  readonly template?: {
    readonly components?: readonly { readonly parameters?: readonly { readonly text?: string }[] }[];
  };
}

interface Sms {
  readonly id: string;
  readonly to: string;
  readonly text: string;
}

const CODE_IN_SMS = /\b(?:[A-Z0-9]{15}|\d{6})\b/;

/**
 * Reads a request that sends a message: `POST /{version}/{phone number id}/messages` of the Cloud API, or
 * `POST /sms` of the generic SMS gateway. Null for any other request.
 */
export function readMessage(path: string, body: string): OutgoingMessage | null {
  if (path === "/sms") {
    const { id, to, text } = JSON.parse(body) as Sms;
    return { channel: "sms", number: to, reference: id, code: CODE_IN_SMS.exec(text)?.[0] ?? null };
  }
  if (!path.endsWith("/messages")) return null;
  const { to, template, biz_opaque_callback_data: reference = null } = JSON.parse(body) as WhatsAppMessage;
  const code = template?.components?.[0]?.parameters?.[0]?.text ?? null;
  // `bench:pair` also runs builds that sent the bare digits.
  const number = to.startsWith("+") ? to : `+${to}`;
  return { channel: "whatsapp", number, reference, code };
}

/** The provider's response body for a message that it accepted. */
export function acceptance({ channel, number }: OutgoingMessage, id: string): object {
  if (channel === "sms") return { id };
  return {
    messaging_product: "whatsapp",
    contacts: [{ input: number, wa_id: number.slice(1) }],
    messages: [{ id, message_status: "accepted" }],
  };
}

/** The message's id in a response body of {@link acceptance}'s shape. */
export function readMessageId(body: string): string {
  const { messages, id } = JSON.parse(body) as { messages?: readonly [{ id: string }]; id?: string };
  return messages?.[0].id ?? id ?? "";
}
