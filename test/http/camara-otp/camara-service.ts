import type { Answer } from "../../deployment.ts";
import { GuardedService } from "../../guard/guarded-service.ts";

const PATH = "/camara/one-time-password-sms/v1";
export const MESSAGE = "{{code}} is your code for Example.";

/** Drawn codes have digits only. */
export const WRONG = "abcdef";

/** Three attempts and three sends, of which every one may follow the last after six seconds. */
const PURPOSES = {
  login: { channels: ["whatsapp", "sms"], max_attempts: 3, max_sends: 3, resend_after_seconds: [6] },
  signup: { channels: ["sms"], code_length: 8 },
};

/** The Worker as a client of CAMARA's API calls it: with a correlator, unless it names other headers. */
export class CamaraService {
  readonly native: GuardedService;

  /** @param more Settings that replace those of the tests. */
  constructor(more: object = {}, guard: object = {}) {
    this.native = new GuardedService(guard, { PURPOSES, ...more });
  }

  // biome-ignore lint/suspicious/noExplicitAny: a test asserts on any body
  call(path: string, body?: unknown, headers: object = {}): Promise<Answer<any>> {
    return this.native.call("POST", PATH + path, body, { "x-correlator": CORRELATOR, ...headers });
  }

  sendCode(phoneNumber: string, more: object = {}, headers?: object) {
    return this.call("/send-code", { phoneNumber, message: MESSAGE, ...more }, headers);
  }

  validateCode(authenticationId: string, code: string, headers?: object) {
    return this.call("/validate-code", { authenticationId, code }, headers);
  }
}

export const CORRELATOR = "b4333c46-49c0-4f62-80d7-f0ef930f1c46";
