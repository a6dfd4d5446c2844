import * as z from "zod";
import type { E164 } from "../numbering/e164.ts";
import type { Background } from "../platform/background.ts";
import { IsolateCache } from "../platform/isolate-cache.ts";
import type { Keyring } from "../platform/keyring.ts";
import type { MaybePromise } from "../platform/maybe-promise.ts";
import { DAY_MS, MINUTE_MS } from "../platform/time.ts";
import { networkTag } from "./fence.ts";
import type { Attribution, GuardRequest, Mode, Rule, RuleMatch } from "./rule.ts";

/** So many owners who asked for no code, and the network that bothered them gets none for anybody that day. */
const DENIALS_UNTIL_REFUSED = 2;
const DAY_SECONDS = 86_400;
const FRESH_MS = MINUTE_MS;
const KEY = "denied_clients";
const KV_CACHE_SECONDS = 30;

/** More in a day is a matter for the budget. */
const MOST_KEPT = 1000;

/** By network, when owners were bothered in its name, in milliseconds since the epoch. */
const stored = z.record(z.string(), z.array(z.number()));
type Denials = z.output<typeof stored>;

const NO_DENIALS: Denials = {};

/**
 * Networks in whose name owners were bothered who had asked for nothing: one value in KV, which an isolate
 * knows by heart, so that a start reads nothing. Two denials at the same moment may count as one; a third
 * will come.
 */
export class DeniedClients implements Rule {
  readonly #namespace: KVNamespace;
  readonly #keyring: Keyring;
  readonly #mode: Mode;
  readonly #known = new IsolateCache(() => this.#read(), {
    freshMs: FRESH_MS,
    fallback: { value: NO_DENIALS, message: "The networks that bothered people could not be read" },
  });

  constructor(namespace: KVNamespace, keyring: Keyring, mode: Mode) {
    this.#namespace = namespace;
    this.#keyring = keyring;
    this.#mode = mode;
  }

  evaluate({ client }: Pick<GuardRequest, "client">, background: Background): MaybePromise<RuleMatch | null> {
    const mode = this.#mode;
    return mode === "off" || client.ip === null ? null : this.#askOf(client.ip, mode, background);
  }

  async #askOf(ip: string, mode: RuleMatch["mode"], background: Background): Promise<RuleMatch | null> {
    const known = await this.#known.get(background);
    const times = recent(known[networkTag(this.#keyring, ip)], Date.now());
    const opening = times.at(-DENIALS_UNTIL_REFUSED);
    if (opening === undefined) return null;
    const quota = DENIALS_UNTIL_REFUSED;
    return {
      rule: "client_denied",
      code: "rate_limited",
      mode,
      detail: "Too many people whom this address asked codes for had asked for none.",
      figures: { denials: times.length },
      limits: { quota, window_seconds: DAY_SECONDS },
      wait: {
        retryAfterMs: opening + DAY_MS - Date.now(),
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
    const all = Object.entries(await this.#known.get()).flatMap(([one, times]): [string, number[]][] =>
      recent(times, now).length > 0 ? [[one, recent(times, now)]] : [],
    );
    const own = all.find(([one]) => one === network)?.[1] ?? [];
    const others = all.filter(([one]) => one !== network).slice(1 - MOST_KEPT);
    const denials = { ...Object.fromEntries(others), [network]: [...own, now].slice(-DENIALS_UNTIL_REFUSED) };
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
