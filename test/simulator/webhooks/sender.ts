import { pause } from "../pause.ts";

/** Posts one signed request. The global `fetch` by default; a test may hand it to a Worker directly. */
export type Deliver = (request: Request) => Promise<Response>;

interface WebhookSenderOptions {
  url: string;
  appSecret: string;
  deliver: Deliver;
}

/** Meta tries again for days; a few quick ones show the same and end within a test's patience. */
const RETRY_DELAYS_MS = [100, 1_000, 5_000];

/** Posts webhooks, signed as Meta signs them: HMAC-SHA256 of the raw body under the app secret, in hex. */
export class WebhookSender {
  readonly #options: WebhookSenderOptions;
  #key: Promise<CryptoKey> | undefined;

  constructor(options: WebhookSenderOptions) {
    this.#options = options;
  }

  /** @returns the receiver's HTTP status, or null when nobody answered */
  async post(payload: object): Promise<number | null> {
    const body = JSON.stringify(payload);
    try {
      const response = await this.#options.deliver(
        new Request(this.#options.url, {
          method: "POST",
          headers: {
            "Content-Type": "application/json",
            "User-Agent": "facebookexternalua",
            "X-Hub-Signature-256": `sha256=${await this.#signature(body)}`,
          },
          body,
        }),
      );
      await response.body?.cancel();
      return response.status;
    } catch {
      return null;
    }
  }

  /** Posts again what was refused, until the answer is 200, the tries are used up or the signal aborts. */
  async retry(payload: object, signal: AbortSignal): Promise<void> {
    for (const delay of RETRY_DELAYS_MS) {
      await pause(delay, signal);
      if (signal.aborted || (await this.post(payload)) === 200) return;
    }
  }

  async #signature(body: string): Promise<string> {
    const encoder = new TextEncoder();
    this.#key ??= crypto.subtle.importKey(
      "raw",
      encoder.encode(this.#options.appSecret),
      { name: "HMAC", hash: "SHA-256" },
      false,
      ["sign"],
    );
    const bytes = new Uint8Array(await crypto.subtle.sign("HMAC", await this.#key, encoder.encode(body)));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }
}
