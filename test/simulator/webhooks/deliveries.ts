import { errorTitle } from "../graph/errors.ts";
import { type InboundMessage, laterStatus, type Message } from "../messages.ts";
import { pause } from "../pause.ts";
import { type SmsReceiver, smsErrorTitle, smsWebhook, UNREACHABLE_CODES } from "../sms/callbacks.ts";
import type { Store } from "../store.ts";
import { metaWebhook, receiverOf } from "./meta.ts";
import {
  type Account,
  accountPayload,
  businessScopedUserId,
  inboundPayload,
  type ReportedStatus,
  statusPayload,
} from "./payloads.ts";
import type { Webhook, WebhookSender } from "./sender.ts";

interface DeliveriesOptions {
  account: Account;
  store: Store;
  sender: WebhookSender;
  sms: SmsReceiver;
  now: () => number;
  /** Whether webhooks of control calls are retried, as all others are. */
  retriesControlCalls: () => boolean;
}

/** The error code of an undeliverable message, for example to a number without an account. */
export const UNDELIVERABLE = 131026;

/** The delay from the response to `sent`, and from `sent` to `delivered`. */
const STEP_MS = 30;

/** Delivers messages to the simulated phones and posts the webhooks about them. */
export class Deliveries {
  readonly #options: DeliveriesOptions;
  readonly #running = new Set<Promise<void>>();
  readonly #closing = new AbortController();

  constructor(options: DeliveriesOptions) {
    this.#options = options;
  }

  /** Schedules the statuses of a send: sent, then delivered; or failed for an unreachable number. */
  start(message: Message): void {
    const { store } = this.#options;
    const reachable = message.channel === "sms" ? store.getsSms(message.to) : store.isOnWhatsApp(message.to);
    this.#run(this.#deliver(message.id, reachable));
  }

  /**
   * Sets the status of a message, in any order, and posts the webhook.
   * @returns the receiver's HTTP status, or null without a response or without a webhook to post
   */
  async report(message: Message, status: ReportedStatus, errorCode?: number): Promise<number | null> {
    const webhook = await this.#apply(message, status, errorCode);
    return webhook && this.#post(webhook, this.#options.retriesControlCalls());
  }

  /** Posts a text or tap of a user; returns as `report` does. */
  async receive(message: InboundMessage): Promise<number | null> {
    const { account, store, retriesControlCalls } = this.#options;
    const waId = store.waIdOf(message.from);
    store.rememberUser(await businessScopedUserId(waId), message.from);
    const seconds = Math.floor(Date.parse(message.created_at) / 1000);
    const field = store.account.settings.agent_active ? "standby" : "messages";
    const payload = await inboundPayload(account, message, waId, seconds, field);
    const webhook = await this.#webhook(field, payload);
    return webhook && this.#post(webhook, retriesControlCalls());
  }

  /** Posts changes of the account, such as template statuses, in one webhook; returns as `report` does. */
  async announce(changes: { field: string; value: object }[]): Promise<number | null> {
    const { account, store, now, retriesControlCalls } = this.#options;
    const heard = changes.filter(({ field }) => receiverOf(store.account.settings, field) !== null);
    const [first] = heard;
    if (first === undefined) return null;
    const payload = accountPayload(account, heard, Math.floor(now() / 1000));
    const webhook = await this.#webhook(first.field, payload);
    return webhook && this.#post(webhook, retriesControlCalls());
  }

  /** As `announce`, but after the response of the Graph call that caused the changes. */
  announceLater(changes: { field: string; value: object }[]): void {
    this.#run(
      pause(STEP_MS, this.#closing.signal).then(async () => {
        if (!this.#closing.signal.aborted) await this.announce(changes);
      }),
    );
  }

  /** Resolves when no webhook is pending, including retries. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** Drops pending webhooks. */
  close(): void {
    this.#closing.abort();
  }

  async #deliver(id: string, reachable: boolean): Promise<void> {
    for (const status of reachable ? (["sent", "delivered"] as const) : (["failed"] as const)) {
      await pause(STEP_MS, this.#closing.signal);
      const message = this.#options.store.message(id);
      if (!message || this.#closing.signal.aborted) return;
      const webhook = await this.#apply(message, status);
      if (webhook === null) continue;
      await this.#post(webhook, true);
    }
  }

  /** Posts once and, without an acknowledgement, retries in the background as Meta does. */
  async #post(webhook: Webhook, retries: boolean): Promise<number | null> {
    const { sender } = this.#options;
    const answer = await sender.post(webhook);
    if (retries && (answer === null || !webhook.isTaken(answer))) {
      this.#run(sender.retry(webhook, this.#closing.signal));
    }
    return answer;
  }

  /** Null where Meta has no receiver for the field. */
  async #webhook(field: string, payload: object): Promise<Webhook | null> {
    const { account, store } = this.#options;
    const { settings } = store.account;
    const isOfThisAccount = settings.number_waba === account.businessAccountId;
    // The app is subscribed to this account, and so hears nothing of a number of another.
    if (!isOfThisAccount && (field === "messages" || field === "standby")) return null;
    const receiver = receiverOf(settings, field);
    return receiver && metaWebhook(receiver, payload);
  }

  /** Null when no callback was requested, or Meta has no receiver. */
  async #apply(message: Message, status: ReportedStatus, errorCode?: number): Promise<Webhook | null> {
    const { account, store, sms } = this.#options;
    const seconds = this.#unixSeconds();
    const reached = laterStatus(message.status, status);
    const changed = reached !== message.status;
    if (message.channel === "sms") {
      const code = String(errorCode ?? UNREACHABLE_CODES[message.gateway]);
      const error = reached === "failed" ? { code, title: smsErrorTitle(message.gateway, code) } : null;
      if (changed) store.putMessage({ ...message, status: reached, error });
      return smsWebhook(sms, message, status, seconds, code);
    }
    const code = errorCode ?? UNDELIVERABLE;
    const error = reached === "failed" ? { code, title: errorTitle(code) } : null;
    if (changed) store.putMessage({ ...message, status: reached, error });
    const waId = store.waIdOf(message.to);
    const payload = await statusPayload(account, message, waId, status, seconds, code);
    return this.#webhook("messages", payload);
  }

  #run(task: Promise<void>): void {
    const tracked = task.finally(() => this.#running.delete(tracked));
    this.#running.add(tracked);
  }

  #unixSeconds(): number {
    return Math.floor(this.#options.now() / 1000);
  }
}
