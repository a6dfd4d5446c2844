import * as z from "zod";
import { definePlatform, part, text } from "./platform.ts";

const PURPOSES = new Map([
  ["setup_primary_oob_sms.txt", "signup"],
  ["setup_secondary_oob_sms.txt", "signup"],
  ["verification_sms.txt", "signup"],
  ["forgot_password_oob_sms.txt", "recovery"],
]);

/** Authgear's custom SMS gateway: docs/specs/sms_gateway.md of github.com/authgear/authgear-server. */
export const authgear = definePlatform({
  name: "authgear",
  title: "Authgear",
  body: () =>
    z.looseObject({
      to: text,
      template_name: text,
      language_tag: text,
      template_variables: part({ code: text }),
    }),
  example: {
    to: "+6281234567890",
    template_name: "authenticate_primary_oob_sms.txt",
    language_tag: "id",
    template_variables: { code: "482913" },
  },
  read: ({ to, template_name: template, language_tag: locale, template_variables: variables }) => ({
    number: to ?? null,
    code: variables?.code ?? null,
    locale: locale ?? null,
    ip: null,
    id: null,
    purpose: PURPOSES.get(template ?? "") ?? null,
  }),
});
