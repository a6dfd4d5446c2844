import type { FenceSettings } from "./settings.ts";

/** What one share of a key's own figure allows a minute: the limit of `API_KEY_SHARES` in wrangler.toml. */
const SHARE_PER_MINUTE = 60;

interface Bindings {
  /** With the limit of every key that has no figure of its own. */
  readonly apiKey: RateLimit | undefined;
  readonly shares: RateLimit | undefined;
}

/**
 * Counts the starts or the checks of API keys. A binding of the platform has one limit for all names and counts one call at
 * a time, so that it can neither weigh a key nor know its limit. A key with a figure of its own therefore has as many shares
 * of 60 a minute as it takes, each under a name of its own, and uses them in turn.
 */
export class KeyFence {
  readonly #kind: "starts" | "checks";
  readonly #bindings: Bindings;
  readonly #settings: FenceSettings;
  /** The next share of each key. Isolates begin anywhere, so that they use all shares alike. */
  readonly #turns = new Map<string, number>();

  constructor(kind: "starts" | "checks", bindings: Bindings, settings: FenceSettings) {
    [this.#kind, this.#bindings, this.#settings] = [kind, bindings, settings];
  }

  get isOpen(): boolean {
    return this.#bindings.apiKey === undefined && this.#bindings.shares === undefined;
  }

  /** What a key may do in a minute. */
  quotaOf(callerId: string): number {
    const { apiKeyPerMinute, apiKeyChecksPerMinute } = this.#settings;
    return this.#own(callerId) ?? (this.#kind === "starts" ? apiKeyPerMinute : apiKeyChecksPerMinute);
  }

  limit(callerId: string): Promise<RateLimitOutcome> | undefined {
    const { apiKey, shares } = this.#bindings;
    const own = this.#own(callerId);
    if (own === undefined || shares === undefined) return apiKey?.limit({ key: callerId });
    const count = Math.ceil(own / SHARE_PER_MINUTE);
    const turn = this.#turns.get(callerId) ?? Math.floor(Math.random() * count);
    this.#turns.set(callerId, (turn + 1) % count);
    return shares.limit({ key: `${this.#kind}/${callerId}/${turn}` });
  }

  #own(callerId: string): number | undefined {
    const { starts, checks } = this.#settings.ofKeys.get(callerId) ?? {};
    return this.#kind === "starts" ? starts : checks;
  }
}
