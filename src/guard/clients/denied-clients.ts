import * as z from "zod";
import type { E164 } from "../../numbering/e164.ts";
import type { Background, MaybePromise } from "../../platform/async.ts";
import { IsolateCache } from "../../platform/isolate-cache.ts";
import type { Keyring } from "../../platform/keyring.ts";
import { DAY_MS, MINUTE_MS } from "../../platform/time.ts";
import { networkTag } from "../fence.ts";
import type { Attribution, Closing, GuardRequest, Mode, Rule, RuleMatch } from "../rule.ts";
import type { ClientNetwork } from "./client-network.ts";
import { APPROVALS_PER_DENIAL, LEAST_DENIALS } from "./network-state.ts";

const FRESH_MS = MINUTE_MS;
const KEY = "blocked_networks";
const KV_CACHE_SECONDS = 30;
const BLOCK_TTL_SECONDS = DAY_MS / 1000;

/** More in a day is for the traffic budget to handle. */
const MOST_KEPT = 1000;

/**
 * One approval in this many is counted, as so many. Exact counts would cost a call and a row for each verification; a shared
 * address, for which the count matters, has enough approvals for the estimate.
 */
const SAMPLED_ONE_IN = 16;
const SAMPLED = /[01].$/;

/** By network tag. */
const stored = z.record(
  z.string(),
  z.object({ until: z.number(), denials: z.number(), approvals: z.number() }),
);
type Blocks = z.output<typeof stored>;

const NO_BLOCKS: Blocks = {};

interface Dependencies {
  readonly namespace: KVNamespace;
  readonly networks: DurableObjectNamespace<ClientNetwork>;
  readonly keyring: Keyring;
}

/**
 * Refuses networks whose requests sent codes to people who had not requested one. Each network's object weighs denials
 * against approvals; the blocked networks are one value in KV, cached by each isolate, so that a start reads nothing.
 */
export class DeniedClients implements Rule {
  readonly #deps: Dependencies;
  readonly #mode: Mode;
  readonly #known = new IsolateCache(() => this.#read(), {
    freshMs: FRESH_MS,
    fallback: { value: NO_BLOCKS, message: "Denied networks read failed" },
  });

  constructor(dependencies: Dependencies, mode: Mode) {
    this.#deps = dependencies;
    this.#mode = mode;
  }

  evaluate(
    { network }: Pick<GuardRequest, "network">,
    background: Background,
  ): MaybePromise<RuleMatch | null> {
    const mode = this.#mode;
    return mode === "off" || network === null ? null : this.#evaluateNetwork(network, mode, background);
  }

  async #evaluateNetwork(
    network: string,
    mode: RuleMatch["mode"],
    background: Background,
  ): Promise<RuleMatch | null> {
    const known = await this.#known.get(background);
    const block = known[network];
    const now = Date.now();
    if (block === undefined || block.until <= now) return null;
    const { denials, approvals, until } = block;
    return {
      rule: "client_denied",
      code: "rate_limited",
      mode,
      detail: "Too many codes requested from this address were reported as unwanted.",
      // With the tag an operator can end the block; it does not reveal the address.
      figures: { denials, approvals, network },
      limits: {
        quota: LEAST_DENIALS,
        approvals_per_denial: APPROVALS_PER_DENIAL,
        window_seconds: DAY_MS / 1000,
      },
      wait: { retryAfterMs: until - now, name: "client-denied", quota: LEAST_DENIALS, windowMs: DAY_MS },
    };
  }

  async onDenied(_to: E164, { network }: Attribution): Promise<void> {
    if (this.#mode === "off" || network === null) return;
    const block = await this.#deps.networks.getByName(network).deny();
    if (block !== null) await this.#change((blocks) => ({ ...blocks, [network]: block }));
  }

  /** Counts approvals, one call for each network. */
  async onClosed(closings: readonly Closing[]): Promise<void> {
    if (this.#mode === "off") return;
    const approved = closings.filter(({ status, id }) => status === "approved" && SAMPLED.test(id));
    const byNetwork = Map.groupBy(approved, ({ network }) => network ?? null);
    await Promise.all(
      [...byNetwork].map(async ([network, list]) => {
        if (network !== null)
          await this.#deps.networks.getByName(network).approve(list.length * SAMPLED_ONE_IN);
      }),
    );
  }

  /** The tag of an address's network. */
  tagOf(ip: string): string {
    return networkTag(this.#deps.keyring, ip);
  }

  /** Ends a network's block for an operator; false when there was nothing to clear. It holds everywhere within two minutes. */
  async unblock(network: string): Promise<boolean> {
    const wasBlocked = await this.#deps.networks.getByName(network).unblock();
    this.#known.expire();
    const known = await this.#known.get();
    if (!(network in known)) return wasBlocked;
    await this.#change(({ [network]: _, ...others }) => others);
    return true;
  }

  /** Two changes at the same moment may count as one: a block that is lost so is decided again by the next denial. */
  async #change(change: (blocks: Blocks) => Blocks): Promise<void> {
    this.#known.expire();
    const now = Date.now();
    const current = Object.entries(await this.#known.get()).filter(([, { until }]) => until > now);
    const blocks = Object.entries(change(Object.fromEntries(current))).slice(-MOST_KEPT);
    await this.#deps.namespace.put(KEY, JSON.stringify(Object.fromEntries(blocks)), {
      expirationTtl: BLOCK_TTL_SECONDS,
    });
    this.#known.expire();
  }

  async #read(): Promise<Blocks> {
    const value = await this.#deps.namespace.get(KEY, { type: "json", cacheTtl: KV_CACHE_SECONDS });
    return stored.catch({}).parse(value ?? {});
  }
}
