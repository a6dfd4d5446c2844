import * as z from "zod";
import { definePlatform, part, text } from "./platform.ts";

const PREFIX = "CustomSMSSender_";
const PURPOSES = new Map([
  ["SignUp", "signup"],
  ["ResendCode", "signup"],
  ["VerifyUserAttribute", "signup"],
  ["UpdateUserAttribute", "signup"],
  ["ForgotPassword", "recovery"],
]);

/** Amazon Cognito's trigger for SMS, by the function in docs/compatibility/cognito-custom-sms-sender.mjs. */
export const cognito = definePlatform({
  name: "cognito",
  title: "Amazon Cognito",
  body: () =>
    z.looseObject({
      id: text,
      triggerSource: text,
      code: text,
      userAttributes: part({ phone_number: text, locale: text }),
    }),
  example: {
    id: "6bc28136-xmpl-4365-b021-0ce6b2e64ab0",
    triggerSource: "CustomSMSSender_Authentication",
    code: "482913",
    userAttributes: { phone_number: "+6281234567890", locale: "id" },
  },
  read: ({ id, triggerSource, code, userAttributes }) => ({
    number: userAttributes?.phone_number ?? null,
    code: code ?? null,
    locale: userAttributes?.locale ?? null,
    ip: null,
    id: id ?? null,
    purpose: PURPOSES.get(triggerSource?.replace(PREFIX, "") ?? "") ?? null,
  }),
});
