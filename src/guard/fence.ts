import ipaddr from "ipaddr.js";
import type { MaybePromise } from "../platform/async.ts";
import type { Keyring } from "../platform/keyring.ts";
import { MINUTE_MS } from "../platform/time.ts";
import { KeyFence } from "./key-fence.ts";
import type { GuardRequest, Rule, RuleMatch } from "./rule.ts";
import type { FenceSettings } from "./settings.ts";

/**
 * The platform's rate-limit bindings. They count in the location that serves the request, approximately, without
 * a network call or an object.
 */
export interface FenceBindings {
  readonly apiKey: RateLimit | undefined;
  readonly client: RateLimit | undefined;
  /** For API keys that have figures of their own. */
  readonly shares: RateLimit | undefined;
}

/** The period of the bindings in wrangler.toml. */
const WINDOW_MS = MINUTE_MS;

/** Limits the starts a minute of each API key and of each user's network. */
export class Fence implements Rule {
  readonly #bindings: FenceBindings;
  readonly #settings: FenceSettings;
  readonly #keys: KeyFence;

  constructor(bindings: FenceBindings, settings: FenceSettings) {
    this.#bindings = bindings;
    this.#settings = settings;
    this.#keys = new KeyFence("starts", bindings, settings);
  }

  evaluate(request: Pick<GuardRequest, "callerId" | "network">): MaybePromise<RuleMatch | null> {
    const { mode } = this.#settings;
    return mode === "off" ? null : this.#count(request, mode);
  }

  async #count(
    { callerId, network }: Pick<GuardRequest, "callerId" | "network">,
    mode: RuleMatch["mode"],
  ): Promise<RuleMatch | null> {
    const { clientPerMinute } = this.#settings;
    const [key, address] = await Promise.all([
      this.#keys.limit(callerId),
      network === null ? undefined : this.#bindings.client?.limit({ key: network }),
    ]);
    const exceeded = (rule: RuleMatch["rule"], source: string, quota: number): RuleMatch => ({
      rule,
      code: "rate_limited",
      mode,
      detail: `Too many codes were requested ${source} within a minute.`,
      // The bindings report that there were too many, not how many.
      figures: {},
      limits: { quota, window_seconds: WINDOW_MS / 1000 },
      wait: { retryAfterMs: WINDOW_MS, name: rule.replaceAll("_", "-"), quota, windowMs: WINDOW_MS },
    });
    if (key?.success === false)
      return exceeded("api_key_rate", "with this API key", this.#keys.quotaOf(callerId));
    if (address?.success === false) return exceeded("client_rate", "from this address", clientPerMinute);
    return null;
  }
}

/** A keyed name of a user's network, which may be stored. */
export function networkTag(keyring: Keyring, ip: string): string {
  return keyring.mac("limit", `network ${networkOf(ip)}`)[0].toString("base64url");
}

/** A keyed name of a user's device, which may be stored. */
export function deviceTag(keyring: Keyring, deviceId: string): string {
  return keyring.mac("limit", `device ${deviceId}`)[0].toString("base64url");
}

/**
 * The network of one subscriber: an IPv4 address, or the /64 around an IPv6 address (RFC 6177). An IPv4-mapped
 * address (RFC 4291, 2.5.5.2) counts as its IPv4 address, because all of them are within one /64.
 *
 * @param ip A valid address.
 */
export function networkOf(ip: string): string {
  if (!ip.includes(":")) return ip;
  const address = ipaddr.IPv6.parse(ip);
  if (address.isIPv4MappedAddress()) return address.toIPv4Address().toString();
  const groups = address.parts.slice(0, 4).map((group) => group.toString(16));
  return `${groups.join(":")}::/64`;
}
