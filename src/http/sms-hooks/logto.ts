import * as z from "zod";
import { definePlatform, part, text } from "./platform.ts";

const PURPOSES = new Map([
  ["Register", "signup"],
  ["BindNewIdentifier", "signup"],
  ["BindMfa", "signup"],
  ["ForgotPassword", "recovery"],
]);

/** Logto's connector "HTTP SMS". */
export const logto = definePlatform({
  name: "logto",
  title: "Logto",
  body: () => z.looseObject({ to: text, type: text, payload: part({ code: text, locale: text }), ip: text }),
  example: {
    to: "6281234567890",
    type: "SignIn",
    payload: { code: "482913", locale: "id" },
    ip: "203.0.113.9",
  },
  read: ({ to, type, payload, ip }) => ({
    number: to ?? null,
    code: payload?.code ?? null,
    locale: payload?.locale ?? null,
    ip: ip ?? null,
    id: null,
    purpose: PURPOSES.get(type ?? "") ?? null,
  }),
});
