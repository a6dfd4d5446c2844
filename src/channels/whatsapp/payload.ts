import type { E164 } from "../../numbering/e164.ts";
import type { CodeMessage } from "../channel.ts";

/** The body of `POST /{version}/{phone-number-id}/messages`, as far as all message types share it. */
export type Payload = ReturnType<typeof addressed>;

/** A template component with its parameters, as in a send call. */
export interface FilledComponent {
  readonly type: "header" | "body" | "button";
  readonly sub_type?: "url" | "quick_reply";
  /** A string in Meta's documentation. */
  readonly index?: string;
  readonly parameters: readonly FilledParameter[];
}

export type FilledParameter =
  | { readonly type: "text"; readonly text: string; readonly parameter_name?: string }
  | { readonly type: "payload"; readonly payload: string };

/**
 * An authentication template message, the same for copy-code, one-tap and zero-tap buttons: the code is a
 * parameter of the body and of the button (Meta, "Authentication templates").
 */
export function codePayload(message: CodeMessage & { template: string; language: string }) {
  const code = [{ type: "text", text: message.code }] as const;
  return templatePayload(message, { name: message.template, language: message.language }, [
    { type: "body", parameters: code },
    { type: "button", sub_type: "url", index: "0", parameters: code },
  ]);
}

/** A template message with filled components. */
export function templatePayload(
  address: Address,
  template: { readonly name: string; readonly language: string },
  components: readonly FilledComponent[],
) {
  const { name, language } = template;
  return {
    ...addressed(address),
    type: "template",
    template: { name, language: { code: language }, components },
  } as const;
}

/** Longest text message in characters (Cloud API, "Text messages"). */
export const LONGEST_TEXT = 4096;

/** A free-form text; WhatsApp accepts it within 24 hours of the user's last message. */
export function textPayload(address: Address, text: string) {
  return { ...addressed(address), type: "text", text: { body: text } } as const;
}

/** A button below a free-form text; its id comes back when the user taps it. */
export interface ReplyButton {
  readonly id: string;
  /** At most 20 characters. */
  readonly title: string;
}

/** A free-form text with buttons (Cloud API, "Interactive reply buttons messages"). */
export function buttonsPayload(address: Address, text: string, buttons: readonly ReplyButton[]) {
  return {
    ...addressed(address),
    type: "interactive",
    interactive: {
      type: "button",
      body: { text },
      action: { buttons: buttons.map(({ id, title }) => ({ type: "reply", reply: { id, title } })) },
    },
  } as const;
}

/**
 * Asks a user who writes without a number to share it. Such a user is addressed by the id that their messages carry; the
 * button's text is WhatsApp's own (Cloud API, "Business-scoped user IDs").
 */
export function contactRequestPayload(userId: string, text: string) {
  return {
    messaging_product: "whatsapp",
    recipient_type: "individual",
    recipient: userId,
    type: "interactive",
    interactive: {
      type: "request_contact_info",
      body: { text },
      action: { name: "request_contact_info" },
    },
  } as const;
}

interface Address {
  readonly to: E164;
  readonly callbackData: string;
}

/**
 * `to` keeps its plus sign: without it Meta may put the business's own country code in front, and the code goes to
 * a stranger (Cloud API, "Business phone numbers").
 */
function addressed({ to, callbackData }: Address) {
  return {
    messaging_product: "whatsapp",
    recipient_type: "individual",
    to,
    biz_opaque_callback_data: callbackData,
  } as const;
}
