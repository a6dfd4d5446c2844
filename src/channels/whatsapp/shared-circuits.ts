import { waitUntil } from "cloudflare:workers";
import { recipientTag } from "../../ids/callback-data.ts";
import { log } from "../../platform/log.ts";
import { CircuitBreakers, type CircuitChange } from "../circuit-breakers.ts";
import type { SharedError } from "./account-updates.ts";
import type { OpenCircuits, WhatsAppHealth } from "./health.ts";
import type { Sender } from "./senders.ts";

/** How often an isolate fetches the circuits that others have opened. */
const REFRESH_MS = 10_000;

/** An isolate's circuit breakers, synchronized with the shared object in the background. */
export class SharedCircuits {
  readonly circuits: CircuitBreakers;
  readonly #hasSubscribers: () => Promise<boolean>;
  readonly #namespace: DurableObjectNamespace<WhatsAppHealth>;
  #changes: CircuitChange[] = [];
  #recipients = new Map<Sender, Set<string>>();
  #refreshedAt = Number.NEGATIVE_INFINITY;

  /** @param hasSubscribers whether any webhook endpoint subscribes to circuit events */
  constructor(namespace: DurableObjectNamespace<WhatsAppHealth>, hasSubscribers: () => Promise<boolean>) {
    this.#namespace = namespace;
    this.#hasSubscribers = hasSubscribers;
    this.circuits = new CircuitBreakers((change) => this.#changes.push(change));
  }

  /**
   * Counts a sender's recipients, where Meta limits them. A recipient is identified by a keyed tag from the
   * callback data.
   */
  countRecipient(sender: Sender, callbackData: string): void {
    const tag = recipientTag(callbackData);
    if (sender.recipientsPerDay === null || tag === null) return;
    const tags = this.#recipients.get(sender) ?? new Set();
    this.#recipients.set(sender, tags.add(tag));
  }

  /** Called after each use of the circuits. Runs in the background and does not delay the caller. */
  sync(): void {
    const due = Date.now() - this.#refreshedAt >= REFRESH_MS;
    if (this.#changes.length > 0 || due) waitUntil(this.#exchange());
  }

  /** Opens a circuit for an error reported by webhook. */
  trip({ scope, phoneNumberId, error }: SharedError): void {
    if (scope === "account") this.circuits.trip("account", error, Date.now());
    else if (scope === "sender" && phoneNumberId !== null) {
      this.circuits.trip(`sender/${phoneNumberId}`, error, Date.now());
    }
    this.sync();
  }

  /** Reads the shared object's open circuits, for the health page. */
  read(): Promise<OpenCircuits> {
    return this.#object().read();
  }

  async #exchange(): Promise<void> {
    this.#refreshedAt = Date.now();
    const [changes, counted] = [this.#changes, this.#recipients];
    [this.#changes, this.#recipients] = [[], new Map()];
    const recipients = [...counted].map(([{ phoneNumberId, recipientsPerDay }, tags]) => ({
      sender: phoneNumberId,
      limit: recipientsPerDay ?? Number.POSITIVE_INFINITY,
      tags: [...tags],
    }));
    const hasFindings = changes.length + recipients.length > 0;
    try {
      const open = hasFindings
        ? await this.#object().report({ changes, recipients, hasSubscribers: await this.#hasSubscribers() })
        : await this.#object().read();
      this.circuits.adopt(open, Date.now());
    } catch (error) {
      // Keep this isolate's findings and report them at the next sync.
      this.#changes = [...changes, ...this.#changes];
      for (const [sender, tags] of counted) {
        this.#recipients.set(sender, new Set([...tags, ...(this.#recipients.get(sender) ?? [])]));
      }
      log("warn", "Sender health sync failed", { error: String(error) });
    }
  }

  #object() {
    return this.#namespace.getByName("whatsapp");
  }
}
