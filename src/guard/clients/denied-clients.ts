import type { E164 } from "../../numbering/e164.ts";
import type { Background, MaybePromise } from "../../platform/async.ts";
import type { Keyring } from "../../platform/keyring.ts";
import { DAY_MS } from "../../platform/time.ts";
import { networkTag } from "../fence.ts";
import type { Attribution, Closing, GuardRequest, Mode, Rule, RuleMatch } from "../rule.ts";
import type { BlockedNetworks } from "./blocked-networks.ts";
import type { ClientNetwork } from "./client-network.ts";
import { APPROVALS_PER_DENIAL, LEAST_DENIALS } from "./network-state.ts";

/**
 * One approval in this many is counted, as so many. Exact counts would cost a call and a row for each verification; a shared
 * address, for which the count matters, has enough approvals for the estimate.
 */
const SAMPLED_ONE_IN = 16;
const SAMPLED = /[01].$/;

interface Dependencies {
  readonly blocked: BlockedNetworks;
  readonly networks: DurableObjectNamespace<ClientNetwork>;
  readonly keyring: Keyring;
}

/**
 * Refuses networks whose requests sent codes to people who had not requested one. Each network's object weighs denials
 * against approvals; the blocked networks are in KV, cached by each isolate, so that a start reads nothing.
 */
export class DeniedClients implements Rule {
  readonly #deps: Dependencies;
  readonly #mode: Mode;

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
    const block = (await this.#deps.blocked.get(background)).get(network);
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
    if (block !== null) await this.#deps.blocked.block(network, block);
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
    return (await this.#deps.blocked.unblock(network)) || wasBlocked;
  }
}
