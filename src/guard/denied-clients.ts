import * as z from "zod";
import type { E164 } from "../numbering/e164.ts";
import type { Background, MaybePromise } from "../platform/async.ts";
import { IsolateCache } from "../platform/isolate-cache.ts";
import type { Keyring } from "../platform/keyring.ts";
import { DAY_MS, MINUTE_MS } from "../platform/time.ts";
import { networkTag } from "./fence.ts";
import type { Attribution, GuardRequest, Mode, Rule, RuleMatch } from "./rule.ts";

/** After this many denials within a day a network gets no more codes for the rest of that day. */
const DENIALS_UNTIL_REFUSED = 2;
const DAY_SECONDS = 86_400;
const FRESH_MS = MINUTE_MS;
const KEY = "denied_clients";
const KV_CACHE_SECONDS = 30;

/** More in a day is for the traffic budget to handle. */
const MOST_KEPT = 1000;

/** By network tag, the times of its denials in milliseconds since the epoch. */
const stored = z.record(z.string(), z.array(z.number()));
type Denials = z.output<typeof stored>;

const NO_DENIALS: Denials = {};

/**
 * Refuses networks whose requests sent codes to people who had not requested one. The denials are one value in
 * KV, cached by each isolate, so that a start reads nothing. Two denials at the same moment may count as one.
 */
export class DeniedClients implements Rule {
  readonly #namespace: KVNamespace;
  readonly #keyring: Keyring;
  readonly #mode: Mode;
  readonly #known = new IsolateCache(() => this.#read(), {
    freshMs: FRESH_MS,
    fallback: { value: NO_DENIALS, message: "Denied networks read failed" },
  });

  constructor(namespace: KVNamespace, keyring: Keyring, mode: Mode) {
    this.#namespace = namespace;
    this.#keyring = keyring;
    this.#mode = mode;
  }

  evaluate({ client }: Pick<GuardRequest, "client">, background: Background): MaybePromise<RuleMatch | null> {
    const mode = this.#mode;
    return mode === "off" || client.ip === null ? null : this.#evaluateNetwork(client.ip, mode, background);
  }

  async #evaluateNetwork(
    ip: string,
    mode: RuleMatch["mode"],
    background: Background,
  ): Promise<RuleMatch | null> {
    const known = await this.#known.get(background);
    const times = recent(known[networkTag(this.#keyring, ip)], Date.now());
    const oldest = times.at(-DENIALS_UNTIL_REFUSED);
    if (oldest === undefined) return null;
    const quota = DENIALS_UNTIL_REFUSED;
    return {
      rule: "client_denied",
      code: "rate_limited",
      mode,
      detail: "Too many codes requested from this address were reported as unwanted.",
      figures: { denials: times.length },
      limits: { quota, window_seconds: DAY_SECONDS },
      wait: {
        retryAfterMs: oldest + DAY_MS - Date.now(),
        name: "client-denied",
        quota,
        windowMs: DAY_MS,
      },
    };
  }

  async onDenied(_to: E164, { network }: Attribution): Promise<void> {
    if (this.#mode === "off" || network === null) return;
    const now = Date.now();
    this.#known.expire();
    const { [network]: earlier, ...rest } = await this.#known.get();
    const kept = Object.entries(rest)
      .map(([tag, times]) => [tag, recent(times, now)] as const)
      .filter(([, times]) => times.length > 0)
      .slice(1 - MOST_KEPT);
    const times = [...recent(earlier, now), now].slice(-DENIALS_UNTIL_REFUSED);
    const denials = { ...Object.fromEntries(kept), [network]: times };
    await this.#namespace.put(KEY, JSON.stringify(denials), { expirationTtl: DAY_SECONDS });
    this.#known.expire();
  }

  async #read(): Promise<Denials> {
    const value = await this.#namespace.get(KEY, { type: "json", cacheTtl: KV_CACHE_SECONDS });
    return stored.catch({}).parse(value ?? {});
  }
}

function recent(times: readonly number[] = [], now: number): number[] {
  return times.filter((at) => at > now - DAY_MS);
}
