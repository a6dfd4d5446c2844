import { env } from "cloudflare:workers";
import { type Answer, api } from "../../deployment.ts";

export const ACCOUNT = `AC${"0123456789abcdef".repeat(2)}`;
/** The service SID that the tests' settings name for the purpose login. */
export const CONFIGURED_SERVICE = "VA0123456789abcdef0123456789abcdef";

export type Form = Readonly<Record<string, string>>;

/** Credentials as Twilio's clients send them. */
export function basic(key: string = env.ADMIN_KEY, user: string = ACCOUNT): Record<string, string> {
  return { authorization: `Basic ${btoa(`${user}:${key}`)}` };
}

/** Encodes a form as Twilio's clients do. */
export function toForm(form: Form): string {
  return new URLSearchParams(form).toString();
}

/** A call of the API below `/twilio/v2`, with the admin key unless the headers have another. */
export function twilio(
  method: "GET" | "POST" | "DELETE",
  path: string,
  form?: Form,
  headers: Record<string, string> = {},
  // biome-ignore lint/suspicious/noExplicitAny: tests assert on any body
): Promise<Answer<any>> {
  const type = { "content-type": "application/x-www-form-urlencoded" };
  const body = form === undefined ? undefined : toForm(form);
  return api(method, `/twilio/v2${path}`, body, { ...basic(), ...type, ...headers });
}

export const create = (form: Form, service = "login", headers?: Record<string, string>) =>
  twilio("POST", `/Services/${service}/Verifications`, { Channel: "whatsapp", ...form }, headers);

export const check = (form: Form, service = "login", headers?: Record<string, string>) =>
  twilio("POST", `/Services/${service}/VerificationCheck`, form, headers);
