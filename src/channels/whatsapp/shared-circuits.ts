import { waitUntil } from "cloudflare:workers";
import { recipientTag } from "../../ids/callback-data.ts";
import { log } from "../../platform/log.ts";
import { CircuitBreakers, type CircuitChange } from "../circuit-breakers.ts";
import type { BroadError } from "./account-updates.ts";
import type { OpenCircuits, WhatsAppHealth } from "./health.ts";
import type { Sender } from "./senders.ts";

/** How old an isolate's picture of the others' findings may become. */
const REFRESH_MS = 10_000;

/** An isolate's own circuits, kept in step with the object's in the background. */
export class SharedCircuits {
  readonly circuits: CircuitBreakers;
  readonly #isWanted: () => Promise<boolean>;
  readonly #namespace: DurableObjectNamespace<WhatsAppHealth>;
  #changes: CircuitChange[] = [];
  #recipients = new Map<Sender, Set<string>>();
  #refreshedAt = Number.NEGATIVE_INFINITY;

  /** @param isWanted Whether somebody wants to hear of circuits. */
  constructor(namespace: DurableObjectNamespace<WhatsAppHealth>, isWanted: () => Promise<boolean>) {
    this.#namespace = namespace;
    this.#isWanted = isWanted;
    this.circuits = new CircuitBreakers((change) => this.#changes.push(change));
  }

  /** Counts whom a sender has written to, where Meta limits that; the number's object's name stands for it. */
  countRecipient(sender: Sender, callbackData: string): void {
    const tag = recipientTag(callbackData);
    if (sender.recipientsPerDay === null || tag === null) return;
    const tags = this.#recipients.get(sender) ?? new Set();
    this.#recipients.set(sender, tags.add(tag));
  }

  /** To be called by whoever has used the circuits; costs the caller no time. */
  keepInStep(): void {
    const due = Date.now() - this.#refreshedAt >= REFRESH_MS;
    if (this.#changes.length > 0 || due) waitUntil(this.#exchange());
  }

  /** Opens a circuit for an error that came by webhook. */
  trip({ scope, phoneNumberId, error }: BroadError): void {
    if (scope === "account") this.circuits.trip("account", error, Date.now());
    else if (scope === "sender" && phoneNumberId !== null) {
      this.circuits.trip(`sender/${phoneNumberId}`, error, Date.now());
    }
    this.keepInStep();
  }

  /** What the object knows, for people to look at. */
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
    const hasNews = changes.length + recipients.length > 0;
    try {
      const open = hasNews
        ? await this.#object().report({ changes, recipients, wanted: await this.#isWanted() })
        : await this.#object().read();
      this.circuits.adopt(open, Date.now());
    } catch (error) {
      // Without the others' findings an isolate goes by its own, and tells them later.
      this.#changes = [...changes, ...this.#changes];
      for (const [sender, tags] of counted) {
        this.#recipients.set(sender, new Set([...tags, ...(this.#recipients.get(sender) ?? [])]));
      }
      log("warn", "The senders' health could not be shared", { error: String(error) });
    }
  }

  #object() {
    return this.#namespace.getByName("whatsapp");
  }
}
