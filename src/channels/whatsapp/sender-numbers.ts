import type { E164 } from "../../numbering/e164.ts";
import { readNumber } from "../../numbering/read-number.ts";
import { IsolateCache } from "../../platform/isolate-cache.ts";
import { DAY_MS, MINUTE_MS } from "../../platform/time.ts";
import type { WhatsAppClient } from "./client.ts";

/** The numbers of the team's senders. The settings have Meta's ids; a link needs the number, which only Meta knows. */
export class SenderNumbers {
  readonly #client: Pick<WhatsAppClient, "displayNumber">;
  readonly #known = new Map<string, IsolateCache<E164 | null>>();

  constructor(client: Pick<WhatsAppClient, "displayNumber">) {
    this.#client = client;
  }

  /** Null while Meta does not say it. Asked for once in an isolate: a number keeps its id. */
  async numberOf(phoneNumberId: string): Promise<E164 | null> {
    const cache = this.#known.get(phoneNumberId) ?? this.#cacheFor(phoneNumberId);
    const number = await cache.get();
    if (number === null) cache.expire();
    return number;
  }

  #cacheFor(phoneNumberId: string): IsolateCache<E164 | null> {
    const cache = new IsolateCache(() => this.#ask(phoneNumberId), { freshMs: DAY_MS, retryMs: MINUTE_MS });
    this.#known.set(phoneNumberId, cache);
    return cache;
  }

  /** Meta writes `+1 206-555-0100`, and in some places the digits alone. */
  async #ask(phoneNumberId: string): Promise<E164 | null> {
    const shown = await this.#client.displayNumber(phoneNumberId);
    if (shown === null) return null;
    const reading = readNumber(shown.startsWith("+") ? shown : `+${shown}`);
    return reading.kind === "number" ? reading.number : null;
  }
}
