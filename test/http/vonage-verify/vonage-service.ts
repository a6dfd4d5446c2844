import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { ownerOf, type VerificationId } from "../../../src/ids/verification-id.ts";
import type { Answer } from "../../deployment.ts";
import { GuardedService } from "../../guard/guarded-service.ts";

export const BRAND = "ACME";
/** Never the code: drawn codes have digits only. */
export const WRONG = "abcdef";
export const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Both channels, and five sends within a short time, so that few tests need a clock. */
const PURPOSES = {
  login: { channels: ["whatsapp", "sms"], resend_after_seconds: [6] },
  signup: { channels: ["whatsapp", "sms"], code_length: 8 },
  recovery: { channels: ["whatsapp"] },
  transaction: { channels: ["whatsapp"], bind_required: true },
};

/** The Worker as Vonage's clients call it. */
export class VonageService {
  readonly native: GuardedService;

  /** @param more Settings that replace those of the tests. */
  constructor(more: object = {}, guard: object = {}) {
    this.native = new GuardedService(guard, { PURPOSES, ...more });
  }

  /** Makes a call with the admin key as the API secret, unless it has credentials of its own. */
  // biome-ignore lint/suspicious/noExplicitAny: a test asserts on any body
  call(method: string, path: string, body?: unknown, headers: object = {}): Promise<Answer<any>> {
    const authorization = `Basic ${btoa(`a1b2c3d4:${env.ADMIN_KEY}`)}`;
    return this.native.call(method, `/vonage/v2/verify${path}`, body, { authorization, ...headers });
  }

  /** Starts a request with these steps and parameters. */
  start(workflow: unknown, more: object = {}, headers: object = {}) {
    return this.call("POST", "", { brand: BRAND, workflow, ...more }, headers);
  }

  /** Ten wrong codes in a row lock the number. */
  async lock(to: string): Promise<void> {
    for (let round = 0; round < 2; round += 1) {
      const { body } = await this.start(steps(to, "whatsapp"));
      for (let attempt = 0; attempt < 5; attempt += 1) await this.check(body.request_id, WRONG);
    }
  }

  check(id: string, code: string) {
    return this.call("POST", `/${id}`, { code });
  }

  /** The verification behind a request, as the native API shows it. */
  async shown(to: string) {
    const { body } = await this.native.call("GET", `/v1/verifications?to=${encodeURIComponent(to)}`);
    return body.data[0];
  }
}

/** When the number's object wakes next, in milliseconds since the epoch. */
export async function alarmOf({ id }: { readonly id: VerificationId }): Promise<number | null> {
  const object = env.PHONE_NUMBERS.getByName(ownerOf(id));
  return runInDurableObject(object, (_, state) => state.storage.getAlarm());
}

/** Steps to a number, which Vonage's clients write without plus sign. */
export function steps(to: string, ...channels: readonly string[]) {
  return channels.map((channel) => ({ channel, to: to.replace("+", "") }));
}
