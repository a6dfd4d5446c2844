import type { Keyring } from "../platform/keyring.ts";
import type { MaybePromise } from "../platform/maybe-promise.ts";
import { MINUTE_MS } from "../platform/time.ts";
import type { GuardRequest, Rule, RuleMatch } from "./rule.ts";
import type { FenceSettings } from "./settings.ts";

/** The platform's counters, in the location that serves the request: no network, no object, no exact count. */
export interface FenceBindings {
  readonly apiKey: RateLimit | undefined;
  readonly client: RateLimit | undefined;
}

const WINDOW_MS = MINUTE_MS;

/** The outer fence: so many starts a minute for each API key and for each user's address. */
export class Fence implements Rule {
  readonly #bindings: FenceBindings;
  readonly #settings: FenceSettings;

  constructor(bindings: FenceBindings, settings: FenceSettings) {
    this.#bindings = bindings;
    this.#settings = settings;
  }

  evaluate(question: Pick<GuardRequest, "callerId" | "client">): MaybePromise<RuleMatch | null> {
    const { mode } = this.#settings;
    return mode === "off" ? null : this.#count(question, mode);
  }

  async #count(
    { callerId, client }: Pick<GuardRequest, "callerId" | "client">,
    mode: RuleMatch["mode"],
  ): Promise<RuleMatch | null> {
    const { apiKeyPerMinute, clientPerMinute } = this.#settings;
    const network = client.ip === null ? null : networkOf(client.ip);
    const [key, address] = await Promise.all([
      this.#bindings.apiKey?.limit({ key: callerId }),
      network === null ? undefined : this.#bindings.client?.limit({ key: network }),
    ]);
    const found = (rule: RuleMatch["rule"], of: string, quota: number): RuleMatch => ({
      rule,
      code: "rate_limited",
      mode,
      detail: `Too many codes were asked for ${of} within a minute.`,
      // The platform tells that there were too many, not how many.
      figures: {},
      limits: { quota, window_seconds: WINDOW_MS / 1000 },
      wait: { retryAfterMs: WINDOW_MS, name: rule.replaceAll("_", "-"), quota, windowMs: WINDOW_MS },
    });
    if (key?.success === false) return found("api_key_rate", "with this API key", apiKeyPerMinute);
    if (address?.success === false) return found("client_rate", "from this address", clientPerMinute);
    return null;
  }
}

/** A name for a user's network that may be stored. */
export function networkTag(keyring: Keyring, ip: string): string {
  return keyring.mac("limit", `network ${networkOf(ip)}`)[0].toString("base64url");
}

/** What one subscriber has to himself: an IPv4 address, or the /64 around an IPv6 address (RFC 6177). */
export function networkOf(ip: string): string {
  if (!ip.includes(":")) return ip;
  // An address has many spellings; the platform's parser answers with the one of RFC 5952.
  const [head = "", tail = ""] = new URL(`http://[${ip}]`).hostname.slice(1, -1).split("::");
  const groupsOf = (part: string) => (part === "" ? [] : part.split(":"));
  const [before, after] = [groupsOf(head), groupsOf(tail)];
  const zeros = Array<string>(8 - before.length - after.length).fill("0");
  const groups = [...before, ...zeros, ...after];
  return mappedIpv4(groups) ?? `${groups.slice(0, 4).join(":")}::/64`;
}

/** The IPv4 address in `::ffff:192.0.2.1` (RFC 4291 section 2.5.5.2). All of them stand within one /64. */
function mappedIpv4(groups: readonly string[]): string | null {
  if (groups.slice(0, 6).join(":") !== "0:0:0:0:0:ffff") return null;
  const bytes = groups.slice(6).flatMap((group) => {
    const pair = Number.parseInt(group, 16);
    return [pair >> 8, pair & 0xff];
  });
  return bytes.join(".");
}
