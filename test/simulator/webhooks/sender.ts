import { pause } from "../pause.ts";

/** Posts one signed request. The global `fetch` by default; a test may hand it to a Worker directly. */
export type Deliver = (request: Request) => Promise<Response>;

/** A webhook that is ready to be posted, and to be posted again byte for byte. */
export interface Webhook {
  url: string;
  headers: Record<string, string>;
  body: string;
  /** Whether an answer's status means that the receiver has it. */
  isTaken(status: number): boolean;
}

/** Meta tries again for days; a few quick ones show the same and end within a test's patience. */
const RETRY_DELAYS_MS = [100, 1_000, 5_000];

export class WebhookSender {
  readonly #deliver: Deliver;

  constructor(deliver: Deliver) {
    this.#deliver = deliver;
  }

  /** @returns the receiver's HTTP status, or null when nobody answered */
  async post({ url, headers, body }: Webhook): Promise<number | null> {
    try {
      const response = await this.#deliver(new Request(url, { method: "POST", headers, body }));
      await response.body?.cancel();
      return response.status;
    } catch {
      return null;
    }
  }

  /** Posts again what was refused, until it is taken, the tries are used up or the signal aborts. */
  async retry(webhook: Webhook, signal: AbortSignal): Promise<void> {
    for (const delay of RETRY_DELAYS_MS) {
      await pause(delay, signal);
      if (signal.aborted) return;
      const status = await this.post(webhook);
      if (status !== null && webhook.isTaken(status)) return;
    }
  }
}
