import { errorTitle } from "../graph/errors.ts";
import { laterStatus, type Message, newMessageId } from "../messages.ts";
import { pause } from "../pause.ts";
import type { Store } from "../store.ts";
import {
  type Account,
  type InboundContent,
  inboundPayload,
  type ReportedStatus,
  statusPayload,
} from "./payloads.ts";
import type { WebhookSender } from "./sender.ts";

interface DeliveriesOptions {
  account: Account;
  store: Store;
  sender: WebhookSender;
  now: () => number;
}

/** Code of a message that WhatsApp could not bring to the phone, such as to a number without an account. */
export const UNDELIVERABLE = 131026;

/** Between the send's answer and `sent`, and between `sent` and `delivered`. */
const STEP_MS = 30;

/** Brings messages to their phones and tells the receiver of our webhooks about it. */
export class Deliveries {
  readonly #options: DeliveriesOptions;
  readonly #running = new Set<Promise<void>>();
  readonly #closing = new AbortController();

  constructor(options: DeliveriesOptions) {
    this.#options = options;
  }

  /** Starts what follows a send by itself: sent, then delivered; or failed for a number not on WhatsApp. */
  start(message: Message): void {
    this.#run(this.#deliver(message.id, this.#options.store.isOnWhatsApp(message.to)));
  }

  /**
   * Moves a message to a status and posts the webhook once, whatever the order.
   * @returns the receiver's HTTP status, or null when nobody answered
   */
  async report(message: Message, status: ReportedStatus, errorCode = UNDELIVERABLE): Promise<number | null> {
    return this.#options.sender.post(await this.#apply(message, status, errorCode));
  }

  /** Posts what a user wrote or tapped; `from` is E.164. */
  async receive(from: string, content: InboundContent): Promise<number | null> {
    const { account, sender } = this.#options;
    return sender.post(
      await inboundPayload(account, newMessageId(), from.slice(1), content, this.#unixSeconds()),
    );
  }

  /** Resolves when nothing is under way any more, retries of refused webhooks included. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** Gives up what is still to be posted. */
  close(): void {
    this.#closing.abort();
  }

  async #deliver(id: string, onWhatsApp: boolean): Promise<void> {
    for (const status of onWhatsApp ? (["sent", "delivered"] as const) : (["failed"] as const)) {
      await pause(STEP_MS, this.#closing.signal);
      const message = this.#options.store.message(id);
      if (!message || this.#closing.signal.aborted) return;
      const payload = await this.#apply(message, status, UNDELIVERABLE);
      if ((await this.#options.sender.post(payload)) !== 200) {
        // Not awaited: as with Meta, `delivered` does not wait for a refused `sent`.
        this.#run(this.#options.sender.retry(payload, this.#closing.signal));
      }
    }
  }

  #apply(message: Message, status: ReportedStatus, errorCode: number): Promise<object> {
    const { account, store } = this.#options;
    const reached = laterStatus(message.status, status);
    if (reached !== message.status) {
      const error = reached === "failed" ? { code: errorCode, title: errorTitle(errorCode) } : null;
      store.putMessage({ ...message, status: reached, error });
    }
    return statusPayload(account, message, status, this.#unixSeconds(), errorCode);
  }

  #run(task: Promise<void>): void {
    const tracked = task.finally(() => this.#running.delete(tracked));
    this.#running.add(tracked);
  }

  #unixSeconds(): number {
    return Math.floor(this.#options.now() / 1000);
  }
}
