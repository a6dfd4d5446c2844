import * as z from "zod";
import { definePlatform, text } from "./platform.ts";

const PURPOSES = new Map([
  ["otp_enroll", "signup"],
  ["change_password", "recovery"],
]);

/** Auth0's custom phone provider, by the Action in docs/compatibility/auth0-action.js. */
export const auth0 = definePlatform({
  name: "auth0",
  title: "Auth0",
  body: () => z.looseObject({ recipient: text, code: text, message_type: text, locale: text, ip: text }),
  example: {
    recipient: "+6281234567890",
    code: "482913",
    message_type: "otp_verify",
    locale: "id",
    ip: "203.0.113.9",
  },
  read: ({ recipient, code, message_type: type, locale, ip }) => ({
    number: recipient ?? null,
    code: code ?? null,
    locale: locale ?? null,
    ip: ip ?? null,
    id: null,
    purpose: PURPOSES.get(type ?? "") ?? null,
  }),
});
