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

/** Meta tries again for days, ever less often; this is the same for a receiver that is away for minutes. */
const RETRY_DELAYS_MS = [100, 1_000, 2_000, 5_000, ...Array.from({ length: 60 }, () => 10_000)];

/** What piled up while the receiver was away is posted by so many at once, not all in one moment. */
const RETRIES_AT_ONCE = 20;

export class WebhookSender {
  readonly #deliver: Deliver;
  #retrying = 0;
  readonly #waiting: (() => void)[] = [];

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

  /** Posts again what was not taken, until it is, ten minutes have passed or the signal aborts. */
  async retry(webhook: Webhook, signal: AbortSignal): Promise<void> {
    for (const delay of RETRY_DELAYS_MS) {
      await pause(delay, signal);
      if (signal.aborted) return;
      const status = await this.#postInTurn(webhook);
      if (status !== null && webhook.isTaken(status)) return;
    }
  }

  async #postInTurn(webhook: Webhook): Promise<number | null> {
    // Whoever ends hands its place to the next in line.
    if (this.#retrying >= RETRIES_AT_ONCE) await new Promise<void>((go) => this.#waiting.push(go));
    else this.#retrying += 1;
    const status = await this.post(webhook);
    const next = this.#waiting.shift();
    if (next) next();
    else this.#retrying -= 1;
    return status;
  }
}
