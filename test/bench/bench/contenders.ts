import type { Request, Response } from "./http.ts";

/** A service that is measured: how to ask it for a code, and how to ask it whether one is right. */
export interface Contender {
  readonly name: "sandi" | "floor" | "better_auth";
  readonly port: number;
  start(number: string): Request;
  /**
   * @param code What the number's owner has read.
   * @param started The answer to the start.
   */
  check(number: string, code: string, started: Response): Request;
  /** Whether it did what it was asked for; anything else is no figure to be proud of. */
  hasStarted(response: Response): boolean;
  hasApproved(response: Response): boolean;
}

export const ADMIN_KEY = "benchmark-admin-key-0123456789abcdef";

export function sandi(port: number): Contender {
  const headers = { authorization: `Bearer ${ADMIN_KEY}` };
  return {
    name: "sandi",
    port,
    start: (to) => ({ path: "/v1/verifications", headers, body: { to } }),
    check: (_, code, { body }) => ({
      path: `/v1/verifications/${(JSON.parse(body) as { id: string }).id}/check`,
      headers,
      body: { code },
    }),
    hasStarted: ({ status }) => status === 201,
    hasApproved: ({ body }) => body.includes('"valid":true'),
  };
}

export function floor(port: number): Contender {
  return {
    name: "floor",
    port,
    start: (to) => ({ path: "/start", headers: {}, body: { to, code: "482913" } }),
    check: (to, code) => ({ path: "/check", headers: {}, body: { to, code } }),
    hasStarted: ({ status }) => status === 201,
    hasApproved: ({ body }) => body.includes('"valid":true'),
  };
}

/** Its own two calls, as its client makes them. The second signs the user in, which is what it is for. */
export function betterAuth(port: number): Contender {
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
