import type { E164 } from "../../numbering/e164.ts";
import type { Attribution } from "../../phone-number/verification.ts";
import type { MaybePromise } from "../../platform/async.ts";
import type { Keyring } from "../../platform/keyring.ts";
import type { GuardRequest, Rule, RuleMatch } from "../rule.ts";
import type { NamedLimitSettings } from "../settings.ts";
import type { LimitCounter } from "./limit-counter.ts";

/** How many sends one "I didn't request a code" counts as. */
const SENDS_PER_DENIAL = 5;

/** Limits that the team names and callers give values for, such as codes an hour for one account. */
export class NamedLimits implements Rule {
  readonly #namespace: DurableObjectNamespace<LimitCounter>;
  readonly #keyring: Keyring;
  readonly #settings: NamedLimitSettings;

  constructor(
    namespace: DurableObjectNamespace<LimitCounter>,
    keyring: Keyring,
    settings: NamedLimitSettings,
  ) {
    this.#namespace = namespace;
    this.#keyring = keyring;
    this.#settings = settings;
  }

  evaluate({ limits }: Pick<GuardRequest, "limits">): MaybePromise<RuleMatch | null> {
    const { mode } = this.#settings;
    if (mode === "off") return null;
    const counters = this.#countersOf(limits);
    return counters.length === 0 ? null : this.#take(counters, mode);
  }

  async #take(counters: readonly NamedCounter[], mode: RuleMatch["mode"]): Promise<RuleMatch | null> {
    const matches = await Promise.all(
      counters.map(async ({ name, counter, windows }): Promise<RuleMatch | null> => {
        const exceeded = await counter.take(windows);
        if (exceeded === null) return null;
        const { quota, windowMs, count, retryAfterMs } = exceeded;
        return {
          rule: "named_limit",
          code: "rate_limited",
          mode,
          detail: `The limit "${name}" allows no more codes for now.`,
          figures: { name, count },
          limits: { quota, window_seconds: windowMs / 1000 },
          wait: { retryAfterMs, name, quota, windowMs },
        };
      }),
    );
    return longest(matches);
  }

  /** Counts a denial against the values that requested the code. */
  async onDenied(_to: E164, { limits }: Attribution): Promise<void> {
    if (this.#settings.mode === "off") return;
    await Promise.all(
      this.#countersOf(limits).map(({ counter, windows }) => counter.penalise(SENDS_PER_DENIAL, windows)),
    );
  }

  /** Skips names that the configuration does not have. */
  #countersOf(limits: Readonly<Record<string, string>>): readonly NamedCounter[] {
    return Object.entries(limits).flatMap(([name, value]) => {
      const windows = this.#settings.windows.get(name);
      if (windows === undefined) return [];
      const [mac] = this.#keyring.mac("limit", JSON.stringify([name, value]));
      const counter = this.#namespace.getByName(mac.toString("base64url"));
      return [{ name, windows, counter }];
    });
  }
}

/** A limit that a caller has named, and the counter of its value. */
interface NamedCounter {
  readonly name: string;
  readonly counter: DurableObjectStub<LimitCounter>;
  readonly windows: Parameters<LimitCounter["take"]>[0];
}

/** The match with the longest wait. */
function longest(matches: readonly (RuleMatch | null)[]): RuleMatch | null {
  const wait = (match: RuleMatch) => match.wait?.retryAfterMs ?? 0;
  return matches.filter((match) => match !== null).toSorted((a, b) => wait(b) - wait(a))[0] ?? null;
}
