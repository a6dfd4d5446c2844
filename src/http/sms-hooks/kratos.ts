import * as z from "zod";
import { definePlatform, originBoundCode, part, text } from "./platform.ts";

const PURPOSES = new Map([
  ["registration_code_valid", "signup"],
  ["verification_code_valid", "signup"],
  ["recovery_code_valid", "recovery"],
]);

/** A type of message has one of them; SMS of a recovery have a `verification_code`. */
const codes = {
  login_code: text,
  registration_code: text,
  recovery_code: text,
  verification_code: text,
};

/** The HTTP channel of Ory Kratos's courier: the body of docs/compatibility/kratos.jsonnet, or the default one. */
export const kratos = definePlatform({
  name: "kratos",
  title: "Ory Kratos",
  body: () =>
    z.looseObject({
      recipient: text,
      template_type: text,
      template_data: part({ ...codes, transient_payload: part({ locale: text }) }),
      ...codes,
      body: text,
    }),
  example: {
    recipient: "+6281234567890",
    template_type: "login_code_valid",
    template_data: { login_code: "482913", transient_payload: { locale: "id" } },
    body: "Your login code is: 482913",
  },
  read: ({ recipient, template_type: type, template_data: data, body, ...rest }) => ({
    number: recipient ?? null,
    code: codeIn(data ?? {}) ?? codeIn(rest) ?? originBoundCode(body) ?? lastDigits(body),
    locale: data?.transient_payload?.locale ?? null,
    ip: null,
    id: null,
    purpose: PURPOSES.get(type ?? "") ?? null,
  }),
});

type Codes = { readonly [name in keyof typeof codes]?: string | undefined };

function codeIn(fields: Codes): string | null {
  const { login_code, registration_code, recovery_code, verification_code } = fields;
  return login_code ?? registration_code ?? recovery_code ?? verification_code ?? null;
}

/** Where no domain is known, the built-in texts end with the code itself. */
function lastDigits(body: string | undefined): string | null {
  return /(?:^|\s)(\d{4,15})\.?\s*$/.exec(body ?? "")?.[1] ?? null;
}
