import * as z from "zod";
import { definePlatform, originBoundCode, part, text } from "./platform.ts";

/** By the event that caused the message. */
const PURPOSES = new Map([
  ["user.human.phone.code.added", "signup"],
  ["user.human.password.code.added", "recovery"],
]);

/** Zitadel's HTTP provider of SMS: `POST /admin/v1/sms/http` sets it up. */
export const zitadel = definePlatform({
  name: "zitadel",
  title: "Zitadel",
  body: () =>
    z.looseObject({
      contextInfo: part({ eventType: text, recipientPhoneNumber: text }),
      templateData: part({ text }),
      // The names of Go fields with a small first letter: one-time passwords are in `oTP`, other codes in `code`.
      args: part({ oTP: text, code: text }),
    }),
  example: {
    contextInfo: { eventType: "session.otp.sms.challenged", recipientPhoneNumber: "+6281234567890" },
    templateData: { text: "64883313 is your code.\n@id.example.com #64883313" },
    args: { oTP: "64883313" },
  },
  read: ({ contextInfo, templateData, args }) => ({
    number: contextInfo?.recipientPhoneNumber ?? null,
    code: args?.oTP ?? args?.code ?? originBoundCode(templateData?.text),
    locale: null,
    ip: null,
    id: null,
    purpose: PURPOSES.get(contextInfo?.eventType ?? "") ?? null,
  }),
});
