import { waitUntil } from "cloudflare:workers";
import { recipientTag } from "../../ids/callback-data.ts";
import type { LocationCache } from "../../platform/location-cache.ts";
import { log } from "../../platform/log.ts";
import { MINUTE_MS } from "../../platform/time.ts";
import { CircuitBreakers, type CircuitChange } from "../circuit-breakers.ts";
import type { CircuitReport } from "./account-updates.ts";
import type { OpenCircuits, WhatsAppHealth } from "./health.ts";
import { merge, Observations, type Observed } from "./observations.ts";
import type { Sender } from "./senders.ts";

/** How often an isolate fetches the circuits that others have opened. */
const REFRESH_MS = 10_000;

/** How often an isolate tells of refusals for a sender's throughput. */
const SLOW_DOWN_MS = 5_000;

/** Older reports are repeats, or too late to say anything about now. */
const LARGEST_AGE_MS = 5 * MINUTE_MS;
/**
 * A blocked account's messages are still accepted, and reported as failed afterwards. An accepted message
 * therefore proves only that a failure of well before it is over.
 */
const ACCEPTED_BEFORE_FAILED_MS = MINUTE_MS;

/** An isolate's circuit breakers, synchronized with the shared object in the background. */
export class SharedCircuits {
  readonly circuits: CircuitBreakers;
  /** What the doctor asks about; the exchange takes it along. */
  readonly observations = new Observations();
  readonly #hasSubscribers: () => Promise<boolean>;
  readonly #namespace: DurableObjectNamespace<WhatsAppHealth>;
  readonly #cache: LocationCache | null;
  #changes: CircuitChange[] = [];
  #recipients = new Map<Sender, Set<string>>();
  #overThroughput = new Set<string>();
  #refreshedAt = Number.NEGATIVE_INFINITY;
  /** When a message was last reported as sent, by the key of its circuit. */
  readonly #sentAt = new Map<string, number>();

  /**
   * @param hasSubscribers whether any webhook endpoint subscribes to circuit events
   * @param cache What isolates of a data centre share; null where each asks for itself.
   */
  constructor(
    namespace: DurableObjectNamespace<WhatsAppHealth>,
    hasSubscribers: () => Promise<boolean>,
    cache: LocationCache | null = null,
  ) {
    this.#namespace = namespace;
    this.#hasSubscribers = hasSubscribers;
    this.#cache = cache;
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

  /** WhatsApp refused a message for the sender's throughput: notifications are to leave more of it to codes. */
  recordOverThroughput({ phoneNumberId }: Sender): void {
    this.#overThroughput.add(phoneNumberId);
  }

  /** Called after each use of the circuits. Runs in the background and does not delay the caller. */
  sync(): void {
    const due = Date.now() - this.#refreshedAt >= (this.#overThroughput.size > 0 ? SLOW_DOWN_MS : REFRESH_MS);
    if (this.#changes.length > 0 || due) waitUntil(this.#exchange());
  }

  /**
   * Applies what webhooks say about circuits; resolves when it is durable. Meta repeats webhooks for days, so what
   * is old, or older than a proof that messages go out again, changes nothing. The shared object decides about the
   * rest, because a repeat may reach another isolate.
   */
  async applyReports(reports: readonly CircuitReport[]): Promise<void> {
    const now = Date.now();
    const news = reports.filter((report) => this.#isNews(report, now));
    if (news.length === 0) return;
    this.circuits.adopt(await this.#object().applyReports(news, await this.#hasSubscribers()), Date.now());
  }

  /** A message of ours has been sent: what had failed before does so no longer. */
  recordSent(key: string, at: number): void {
    this.#sentAt.set(key, Math.max(at, this.#sentAt.get(key) ?? 0));
  }

  #isNews({ key, error, at }: CircuitReport, now: number): boolean {
    if (now - at > LARGEST_AGE_MS) return false;
    if (error === null) return true;
    const isResting = this.circuits.restsOf([key], now).length > 0;
    const wasSentSince = (this.#sentAt.get(key) ?? 0) > at;
    const wasAcceptedSince = this.circuits.workedAt(key) - ACCEPTED_BEFORE_FAILED_MS >= at;
    return !(isResting || wasSentSince || wasAcceptedSince);
  }

  /** Called after a webhook or a handshake, which use no circuit. Runs in the background. */
  syncObservations(): void {
    if (this.observations.isDue(Date.now())) waitUntil(this.#exchange());
  }

  /** What all isolates have seen, with what this one has not told yet. */
  async observed(): Promise<Observed> {
    return merge(await this.#object().observed(), this.observations.untold);
  }

  /** The recipients of the last day, by sender, where the settings name its messaging limit. */
  async recipientsOfDay(senders: readonly Sender[]): Promise<Readonly<Record<string, number>>> {
    const areCounted = senders.some(({ recipientsPerDay }) => recipientsPerDay !== null);
    return areCounted ? this.#object().recipientsOfDay() : {};
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
    const observed = this.observations.take(Date.now());
    const overThroughput = [...this.#overThroughput];
    this.#overThroughput.clear();
    const findings = changes.length + recipients.length + overThroughput.length;
    const hasFindings = findings > 0 || observed !== null;
    try {
      const open = hasFindings
        ? await this.#object().report({
            changes,
            recipients,
            overThroughput,
            observed,
            hasSubscribers: await this.#hasSubscribers(),
          })
        : await this.#ask();
      this.circuits.adopt(open, Date.now());
    } catch (error) {
      // Keep this isolate's findings and report them at the next sync.
      this.#changes = [...changes, ...this.#changes];
      if (observed !== null) this.observations.giveBack(observed);
      for (const [sender, tags] of counted) {
        this.#recipients.set(sender, new Set([...tags, ...(this.#recipients.get(sender) ?? [])]));
      }
      log("warn", "Sender health sync failed", { error: String(error) });
    }
  }

  /** Without anything to tell, one answer does for the data centre. */
  #ask(): Promise<OpenCircuits> {
    const ask = async () => this.#object().read();
    return this.#cache === null ? ask() : this.#cache.get("circuits", REFRESH_MS, ask);
  }

  #object() {
    return this.#namespace.getByName("whatsapp");
  }
}
