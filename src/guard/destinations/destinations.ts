import { countriesOf, type E164, numberUseOf } from "../../numbering/e164.ts";
import type { Background, MaybePromise } from "../../platform/async.ts";
import { destinationNotAllowed, type GuardRequest, type Mode, type Rule, type RuleMatch } from "../rule.ts";
import type { DestinationSettings } from "../settings.ts";
import type { GuardLists } from "./lists.ts";

/**
 * Calling codes that belong to no country (ITU-T, list of assigned E.164 country codes): Inmarsat, universal
 * personal numbers, Iridium and Globalstar, international networks, disaster relief.
 */
const NETWORKS = ["+870", "+878", "+881", "+882", "+883", "+888"];

/** Calling codes at extra charge, in every country: international shared cost and premium rate. */
const PREMIUM = ["+808", "+979"];

type Fault = Parameters<typeof destinationNotAllowed>[0];

/** Whether codes may go to a destination at all: by country, and by what the number is used for. */
export class Destinations implements Rule {
  readonly #settings: DestinationSettings;
  /** Calling codes. */
  readonly #denied: readonly string[];

  constructor(settings: DestinationSettings) {
    this.#settings = settings;
    this.#denied = [...(settings.denySatellite ? NETWORKS : []), ...(settings.denyPremium ? PREMIUM : [])];
  }

  evaluate({ to, country }: Pick<GuardRequest, "to" | "country">): RuleMatch | null {
    const { mode } = this.#settings;
    if (mode === "off" || to === null) return null;
    const fault = this.#rangeFault(to) ?? countryFault(to, country, this.#settings) ?? this.#useFault(to);
    return fault === null ? null : destinationNotAllowed(fault, mode);
  }

  #rangeFault(to: E164): Fault | null {
    const prefix = this.#denied.find((code) => to.startsWith(code));
    if (prefix === undefined) return null;
    return { rule: "number_range", figures: { prefix }, limits: { denied: prefix } };
  }

  #useFault(to: E164): Fault | null {
    const { mobileOnly, denyPremium } = this.#settings;
    const use = mobileOnly || denyPremium ? numberUseOf(to) : null;
    if (use === null) return null;
    const fault = (type: string, limits: Fault["limits"]): Fault => ({
      rule: "number_type",
      figures: { type },
      limits,
    });
    if (denyPremium && use.premiumRate) return fault("premium_rate", { denied: "premium_rate" });
    return mobileOnly && !use.mobile ? fault("not_mobile", { allowed: "mobile" }) : null;
  }
}

function countryFault(
  to: E164,
  country: string | null,
  { countriesAllowed, countriesDenied }: DestinationSettings,
): Fault | null {
  // A new area code may be missing from the metadata. Then the number may be of any country that shares its code.
  const candidates = country === null ? countriesOf(to) : [country];
  const fault = (limits: Fault["limits"]): Fault => ({
    rule: "country",
    figures: { country: country ?? "none" },
    limits,
  });
  if (candidates.length > 0 && candidates.every((code) => countriesDenied.has(code))) {
    return fault({ denied: candidates.join(" ") });
  }
  if (countriesAllowed === null || candidates.some((code) => countriesAllowed.has(code))) return null;
  return fault({ allowed: [...countriesAllowed].join(" ") });
}

/** Refuses the numbers and prefixes on the team's block list. */
export class BlockList implements Rule {
  readonly #lists: GuardLists;
  readonly #mode: Mode;

  constructor(lists: GuardLists, mode: Mode) {
    this.#lists = lists;
    this.#mode = mode;
  }

  evaluate({ to }: Pick<GuardRequest, "to">, background: Background): MaybePromise<RuleMatch | null> {
    const mode = this.#mode;
    if (mode === "off" || to === null) return null;
    const id = this.#lists.find("block", to, background);
    return id instanceof Promise ? id.then((found) => toMatch(found, mode)) : toMatch(id, mode);
  }
}

function toMatch(id: string | null, mode: RuleMatch["mode"]): RuleMatch | null {
  if (id === null) return null;
  const figures = id.startsWith("+") ? { prefix: id } : {};
  return destinationNotAllowed({ rule: "block_list", figures, limits: { list: "block" } }, mode);
}
