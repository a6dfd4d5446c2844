import type { Request, Response } from "./client.ts";
import type { Values } from "./workerd-config.ts";

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

export const ADMIN_KEY = "benchmark-admin-key-0123456789abcdef";
export const AUTHORIZATION = { authorization: `Bearer ${ADMIN_KEY}` };

/**
 * Settings of a deployment with two senders at the highest throughput that Meta grants. With the default of 80
 * messages a second, that limit is all that a benchmark would measure.
 */
export function sandiValues(whatsAppBaseUrl: string): Values {
  const senders = ["100000000000001", "100000000000002"];
  return {
    WHATSAPP_BASE_URL: whatsAppBaseUrl,
    WHATSAPP_PHONE_NUMBER_ID: senders[0],
    WHATSAPP_BUSINESS_ACCOUNT_ID: "200000000000002",
    WHATSAPP_SENDERS: senders.map((id) => ({ phone_number_id: id, messages_per_second: 1000 })),
    SECRET_KEY: "benchmark-secret-key-0123456789abcdef",
    ADMIN_KEY,
    WHATSAPP_ACCESS_TOKEN: "t",
    WHATSAPP_APP_SECRET: "s",
    WHATSAPP_VERIFY_TOKEN: "v",
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
