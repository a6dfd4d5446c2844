import type { Values } from "../../world/project.ts";
import { ACCOUNT, ADMIN_KEY, CREDENTIALS } from "../../world/settings.ts";
import type { Request, Response } from "./client.ts";

/** A service under measurement: the request that starts a verification, and the one that checks its code. */
export interface Service {
  readonly name: string;
  readonly port: number;
  start(number: string): Request;
  /**
   * @param code The code that was sent to the number.
   * @param started The response to the start.
   */
  check(number: string, code: string, started: Response): Request;
  /** Whether the start succeeded. A benchmark that counted refusals would report them as speed. */
  hasStarted(response: Response): boolean;
  hasApproved(response: Response): boolean;
}

export const AUTHORIZATION = { authorization: `Bearer ${ADMIN_KEY}` };

/**
 * Settings of a deployment with two senders at the highest throughput that Meta grants. With the default of 80
 * messages a second, that limit is all that a benchmark would measure.
 */
export function sandiValues(whatsAppBaseUrl: string): Values {
  const senders = [ACCOUNT.phoneNumberId, "100000000000002"];
  return {
    ...CREDENTIALS,
    WHATSAPP_BASE_URL: whatsAppBaseUrl,
    WHATSAPP_SENDERS: senders.map((id) => ({ phone_number_id: id, messages_per_second: 1000 })),
  };
}

export function sandi(port: number, name = "sandi"): Service {
  return {
    name,
    port,
    start: (to) => ({ path: "/v1/verifications", headers: AUTHORIZATION, body: { to } }),
    check: (_, code, { body }) => ({
      path: `/v1/verifications/${(JSON.parse(body) as { id: string }).id}/check`,
      headers: AUTHORIZATION,
      body: { code },
    }),
    hasStarted: ({ status }) => status === 201,
    hasApproved: ({ body }) => body.includes('"valid":true'),
  };
}

/** `floor.ts`. */
export function floor(port: number): Service {
  return {
    name: "floor",
    port,
    start: (to) => ({ path: "/start", headers: {}, body: { to, code: "482913" } }),
    check: (to, code) => ({ path: "/check", headers: {}, body: { to, code } }),
    hasStarted: ({ status }) => status === 201,
    hasApproved: ({ body }) => body.includes('"valid":true'),
  };
}

/** better-auth's two requests as its client sends them. The second also signs the user in. */
export function betterAuth(port: number): Service {
  const path = (call: string) => `/api/auth/phone-number/${call}`;
  return {
    name: "better_auth",
    port,
    start: (phoneNumber) => ({ path: path("send-otp"), headers: {}, body: { phoneNumber } }),
    check: (phoneNumber, code) => ({ path: path("verify"), headers: {}, body: { phoneNumber, code } }),
    hasStarted: ({ status }) => status === 200,
    hasApproved: ({ body }) => body.includes('"status":true'),
  };
}
