import { pause } from "../pause.ts";

/** Posts one signed request. The global `fetch` by default; a test may hand it to a Worker directly. */
export type Deliver = (request: Request) => Promise<Response>;

/** A signed webhook, which is repeated byte for byte. */
export interface Webhook {
  url: string;
  headers: Record<string, string>;
  body: string;
  /** Whether the status of a response acknowledges the webhook. */
  isTaken(status: number): boolean;
}

/** Meta retries for days at growing intervals; these retries cover minutes of downtime. */
const RETRY_DELAYS_MS = [100, 1_000, 2_000, 5_000, ...Array.from({ length: 60 }, () => 10_000)];

/** The concurrency of retries, so that a backlog does not flood the receiver. */
const RETRIES_AT_ONCE = 20;

export class WebhookSender {
  readonly #deliver: Deliver;
  #retrying = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(deliver: Deliver) {
    this.#deliver = deliver;
  }

  /** @returns the receiver's HTTP status, or null without a response */
  async post({ url, headers, body }: Webhook): Promise<number | null> {
    try {
      const response = await this.#deliver(new Request(url, { method: "POST", headers, body }));
      await response.body?.cancel();
      return response.status;
    } catch {
      return null;
    }
  }

  /** Posts until the webhook is acknowledged, ten minutes have passed or the signal aborts. */
  async retry(webhook: Webhook, signal: AbortSignal): Promise<void> {
    for (const delay of RETRY_DELAYS_MS) {
      await pause(delay, signal);
      if (signal.aborted) return;
      const status = await this.#postInTurn(webhook);
      if (status !== null && webhook.isTaken(status)) return;
    }
  }

  async #postInTurn(webhook: Webhook): Promise<number | null> {
    // A finished post passes its slot to the next waiting one.
    if (this.#retrying >= RETRIES_AT_ONCE) await new Promise<void>((go) => this.#waiting.push(go));
    else this.#retrying += 1;
    const status = await this.post(webhook);
    const next = this.#waiting.shift();
    if (next) next();
    else this.#retrying -= 1;
    return status;
  }
}
