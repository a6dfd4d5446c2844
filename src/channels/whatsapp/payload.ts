import type { CodeMessage } from "../channel.ts";

/**
 * The body of `POST /{version}/{phone-number-id}/messages` for an authentication template, the same for
 * copy-code, one-tap and zero-tap buttons: the code stands in the body and once more in the button, whose
 * index is a string (Meta, "Authentication templates").
 */
export function codePayload(message: CodeMessage & { template: string; language: string }) {
  const code = [{ type: "text", text: message.code }] as const;
  return {
    messaging_product: "whatsapp",
    recipient_type: "individual",
    to: message.to.slice(1),
    type: "template",
    template: {
      name: message.template,
      language: { code: message.language },
      components: [
        { type: "body", parameters: code },
        { type: "button", sub_type: "url", index: "0", parameters: code },
      ],
    },
    biz_opaque_callback_data: message.callbackData,
  } as const;
}
