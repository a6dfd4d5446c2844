import type { Channel } from "../channel.ts";
import type { Dispatch } from "./dispatch.ts";
import { codePayload } from "./payload.ts";

/** WhatsApp as a channel for codes. */
export function whatsAppChannel(dispatch: Dispatch): Channel {
  return {
    name: "whatsapp",
    async send(message) {
      const { to, template, language } = message;
      if (template === null || language === null) throw new Error("A WhatsApp message needs a template");
      const payload = codePayload({ ...message, template, language });
      return dispatch.send({ to, template: { name: template, language }, payload, priority: "code" });
    },
  };
}
