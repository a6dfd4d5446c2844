import type { Keyring } from "./keyring.ts";
import { log } from "./log.ts";

/**
 * Shares an answer among the isolates of one data centre, through the platform's cache. The cache holds nothing for a
 * Worker without a domain of its own ("Cache, How the cache works"); there, and where it fails, each isolate asks.
 */
export class LocationCache {
  readonly #keyring: Keyring;
  #scope: string | null = null;

  constructor(keyring: Keyring) {
    this.#keyring = keyring;
  }

  /**
   * Returns the answer that an isolate of this data centre has got in the present slot of time, or asks for it. Never
   * older than the beginning of the slot.
   */
  async get<Answer>(name: string, slotMs: number, ask: () => Promise<Answer>): Promise<Answer> {
    const url = this.#urlOf(name, Math.floor(Date.now() / slotMs));
    const kept = await this.#find(url);
    if (kept !== undefined) return kept.json<Answer>();
    const answer = await ask();
    const headers = { "cache-control": `max-age=${Math.ceil(slotMs / 1000)}` };
    await caches.default.put(url, Response.json(answer, { headers })).catch(logFailure);
    return answer;
  }

  async #find(url: string): Promise<Response | undefined> {
    return caches.default.match(url).catch(logFailure);
  }

  /** Not an address that anything answers, and another one for each deployment of a zone. */
  #urlOf(name: string, slot: number): string {
    this.#scope ??= this.#keyring.mac("limit", "location cache")[0].toString("base64url");
    return `https://sandi.invalid/${this.#scope}/${name}/${slot}`;
  }
}

function logFailure(error: unknown): undefined {
  log("warn", "The data centre's cache failed", { error: String(error) });
}
