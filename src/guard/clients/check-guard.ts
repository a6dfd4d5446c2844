import type { AppName } from "../../ids/app-name.ts";
import type { PhoneNumberName } from "../../ids/phone-number-name.ts";
import { countryOf, type E164 } from "../../numbering/e164.ts";
import type { Background, MaybePromise } from "../../platform/async.ts";
import type { Keyring } from "../../platform/keyring.ts";
import { log } from "../../platform/log.ts";
import { HOUR_MS, MINUTE_MS } from "../../platform/time.ts";
import type { ReportDecision } from "../decision.ts";
import { type FenceBindings, networkOf, networkTag } from "../fence.ts";
import { KeyFence } from "../key-fence.ts";
import type { GuardRequest, RuleMatch } from "../rule.ts";
import type { FenceSettings, SprayingSettings } from "../settings.ts";
import type { ClientNetwork } from "./client-network.ts";
import type { SprayStatus } from "./network-state.ts";

/** Who checks a code, as far as the caller says. */
export type Checker = Pick<GuardRequest, "callerId" | "client">;

/** A check whose answer was not valid. */
export interface InvalidCheck extends Checker {
  readonly app: AppName;
  readonly name: PhoneNumberName;
  readonly to: E164;
  readonly purpose: string;
}

interface Dependencies {
  /** The platform's rate-limit bindings for checks. */
  readonly fence: FenceBindings;
  readonly networks: DurableObjectNamespace<ClientNetwork>;
  readonly keyring: Keyring;
  readonly reportDecision: ReportDecision;
}

interface Settings {
  readonly fence: FenceSettings;
  readonly spraying: SprayingSettings;
}

/** The period of the bindings in wrangler.toml. */
const WINDOW_MS = MINUTE_MS;

/** How long an isolate refuses a network before it asks the network's object again. */
const ASK_AGAIN_MS = MINUTE_MS;

/** Wrong codes for one number are mistakes; the second number of a network is worth a call to its object. */
const SUSPECT_NUMBERS = 2;
const MOST_NETWORKS = 2000;

/** The numbers of one network that this isolate has seen wrong codes for. */
interface Suspect {
  readonly names: Set<PhoneNumberName>;
  readonly since: number;
  blockedUntil: number;
  /** When the network's object was last asked. */
  askedAt: number;
}

/**
 * Limits the checks a minute of each API key and of each user's network, and notices a network that tries codes on many
 * numbers, for which no single number's limit is reached. A right code costs the counters of the platform and nothing else.
 */
export class CheckGuard {
  readonly #deps: Dependencies;
  readonly #settings: Settings;
  readonly #keys: KeyFence;
  /** By network tag; the networks that were first seen longest ago are forgotten. */
  readonly #suspects = new Map<string, Suspect>();

  constructor(dependencies: Dependencies, settings: Settings) {
    this.#deps = dependencies;
    this.#settings = settings;
    this.#keys = new KeyFence("checks", dependencies.fence, settings.fence);
  }

  /** Returns the match that refuses a check, or null; synchronously where no binding is configured. */
  evaluate(checker: Checker, background: Background): MaybePromise<RuleMatch | null> {
    const spraying = this.#sprayingOf(checker, background);
    if (spraying !== null) return spraying;
    const isUnbound = this.#keys.isOpen && this.#deps.fence.client === undefined;
    const isOff = this.#settings.fence.mode === "off" || isUnbound;
    return isOff ? null : this.#count(checker);
  }

  /** Counts a check that was not valid, in the background. */
  onInvalid(check: InvalidCheck, background: Background): void {
    const { ip } = check.client;
    if (this.#settings.spraying.mode === "off" || ip === null) return;
    const network = networkTag(this.#deps.keyring, ip);
    const suspect = this.#suspectOf(network);
    if (suspect.names.has(check.name)) return;
    suspect.names.add(check.name);
    if (suspect.names.size >= SUSPECT_NUMBERS) background(this.#note(network, suspect, check));
  }

  #sprayingOf({ client }: Checker, background: Background): RuleMatch | null {
    const { mode, numbers } = this.#settings.spraying;
    if (mode !== "enforce" || client.ip === null || this.#suspects.size === 0) return null;
    const network = networkTag(this.#deps.keyring, client.ip);
    const suspect = this.#suspects.get(network);
    const now = Date.now();
    if (suspect === undefined || suspect.blockedUntil <= now) return null;
    // So that an operator's unblocking reaches this isolate.
    if (now - suspect.askedAt > ASK_AGAIN_MS) background(this.#note(network, suspect, null));
    return this.#toMatch(
      { numbers: suspect.names.size, limit: numbers, exceededUntil: suspect.blockedUntil },
      mode,
    );
  }

  /** A binding that fails allows the check: the number's own limits apply. */
  async #count({ callerId, client }: Checker): Promise<RuleMatch | null> {
    const { mode, clientChecksPerMinute } = this.#settings.fence;
    const { fence } = this.#deps;
    try {
      const [key, address] = await Promise.all([
        this.#keys.limit(callerId),
        client.ip === null ? undefined : fence.client?.limit({ key: networkOf(client.ip) }),
      ]);
      const isKeyFull = key?.success === false;
      if (!isKeyFull && address?.success !== false) return null;
      const match = isKeyFull
        ? tooManyChecks("api_key_check_rate", "with this API key", this.#keys.quotaOf(callerId))
        : tooManyChecks("client_check_rate", "from this address", clientChecksPerMinute);
      if (mode === "enforce") return match;
      log("warn", "Check fence exceeded", { outcome: match.rule });
    } catch (error) {
      log("error", "Guard rule evaluation failed", { error: String(error) });
    }
    return null;
  }

  /** Never rejects: an update that fails is logged and not repeated. */
  async #note(network: string, suspect: Suspect, check: InvalidCheck | null): Promise<void> {
    const { mode, numbers } = this.#settings.spraying;
    if (mode === "off") return;
    const isKnown = suspect.blockedUntil > Date.now();
    suspect.askedAt = Date.now();
    try {
      const names = check === null ? [] : [...suspect.names];
      const status = await this.#deps.networks.getByName(network).noteWrongNumbers(names, numbers);
      suspect.blockedUntil = status.exceededUntil ?? 0;
      if (isKnown && status.exceededUntil === null) suspect.names.clear();
      if (status.exceededUntil === null || isKnown || check === null) return;
      const { app, to, name, purpose, callerId, client } = check;
      const request = {
        app,
        network,
        to,
        name,
        purpose,
        callerId,
        client,
        country: countryOf(to),
        method: "code" as const,
        codeCheckedBy: "sandi" as const,
        limits: {},
        metadata: {},
      };
      await this.#deps.reportDecision(this.#toMatch(status, mode, network), request);
    } catch (error) {
      log("error", "Guard rule update failed", { error: String(error) });
    }
  }

  #suspectOf(network: string): Suspect {
    const now = Date.now();
    const known = this.#suspects.get(network);
    if (known !== undefined && (known.since > now - HOUR_MS || known.blockedUntil > now)) return known;
    const suspect: Suspect = { names: new Set(), since: now, blockedUntil: 0, askedAt: 0 };
    this.#suspects.delete(network);
    const [oldest] = this.#suspects.keys();
    if (this.#suspects.size >= MOST_NETWORKS && oldest !== undefined) this.#suspects.delete(oldest);
    this.#suspects.set(network, suspect);
    return suspect;
  }

  /** @param network For the team's record, so that an operator can end the block. */
  #toMatch(
    { numbers, limit, exceededUntil }: SprayStatus,
    mode: RuleMatch["mode"],
    network?: string,
  ): RuleMatch {
    return {
      rule: "spraying",
      code: "rate_limited",
      mode,
      detail: "Too many numbers had wrong codes from this address.",
      figures: network === undefined ? { numbers } : { numbers, network },
      limits: { quota: limit, window_seconds: HOUR_MS / 1000 },
      wait: {
        retryAfterMs: Math.max(0, (exceededUntil ?? 0) - Date.now()),
        name: "spraying",
        quota: limit,
        windowMs: HOUR_MS,
      },
    };
  }
}

function tooManyChecks(
  rule: "api_key_check_rate" | "client_check_rate",
  source: string,
  quota: number,
): RuleMatch {
  return {
    rule,
    code: "rate_limited",
    mode: "enforce",
    detail: `Too many codes were checked ${source} within a minute.`,
    figures: {},
    limits: { quota, window_seconds: WINDOW_MS / 1000 },
    wait: { retryAfterMs: WINDOW_MS, name: rule.replaceAll("_", "-"), quota, windowMs: WINDOW_MS },
  };
}
