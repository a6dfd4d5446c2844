import type { Sent } from "../history.ts";

/** A message on its way to a provider. */
export type Message = Pick<Sent, "number" | "reference" | "code" | "channel">;

interface MetaMessage {
  readonly to: string;
  readonly biz_opaque_callback_data: string;
  readonly template: { readonly components: readonly { readonly parameters: readonly { text: string }[] }[] };
}

/** Reads what the Worker sends: to WhatsApp in Meta's shape, to the SMS gateway in its own. Null for anything else. */
export function readMessage(path: string, text: string): Message | null {
  if (path === "/sms") {
    const { id, to, text: shown } = JSON.parse(text) as Record<"id" | "to" | "text", string>;
    const code = /\b(?:[A-Z0-9]{15}|\d{6})\b/.exec(shown)?.[0] ?? "";
    return { number: to, reference: id, code, channel: "sms" };
  }
  if (!path.endsWith("/messages")) return null;
  const { to, template, biz_opaque_callback_data: reference } = JSON.parse(text) as MetaMessage;
  const code = template.components[0]?.parameters[0]?.text ?? "";
  return { number: `+${to}`, reference, code, channel: "whatsapp" };
}

/** The provider's id in its answer: Meta's has a list of messages, the SMS gateway's an id. */
export function readId(text: string): string {
  const { messages, id } = JSON.parse(text) as { messages?: readonly [{ id: string }]; id?: string };
  return messages?.[0].id ?? id ?? "";
}
