import { countriesOf, type E164, numberUseOf } from "../../numbering/e164.ts";
import type { GuardRequest, Rule, RuleMatch } from "../rule.ts";
import { type Fault, notAllowed } from "./not-allowed.ts";
import type { DestinationSettings } from "./settings.ts";

/**
 * Calling codes that belong to no country (ITU-T, list of assigned E.164 country codes): Inmarsat, universal
 * personal numbers, Iridium and Globalstar, international networks, disaster relief.
 */
const NETWORKS = ["+870", "+878", "+881", "+882", "+883", "+888"];

/** Calling codes that cost their caller more wherever they are: international shared cost and premium rate. */
const PREMIUM = ["+808", "+979"];

/** Where codes may go at all: by country, by what the number is for. */
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
    if (mode === "off") return null;
    const fault = this.#rangeFault(to) ?? countryFault(to, country, this.#settings) ?? this.#typeFault(to);
    return fault === null ? null : notAllowed(fault, mode);
  }

  #rangeFault(to: E164): Fault | null {
    const prefix = this.#denied.find((code) => to.startsWith(code));
    return prefix === undefined
      ? null
      : { rule: "number_range", figures: { prefix }, limits: { denied: prefix } };
  }

  #typeFault(to: E164): Fault | null {
    const { mobileOnly, denyPremium } = this.#settings;
    const use = mobileOnly || denyPremium ? numberUseOf(to) : null;
    if (use === null) return null;
    const fault = (figure: string, limits: Fault["limits"]): Fault => ({
      rule: "number_type",
      figures: { type: figure },
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
  // An area code may be younger than the table that tells apart the countries of one plan.
  const owners = country === null ? countriesOf(to) : [country];
  const fault = (limits: Fault["limits"]): Fault => ({
    rule: "country",
    figures: { country: country ?? "none" },
    limits,
  });
  if (owners.length > 0 && owners.every((owner) => countriesDenied.has(owner))) {
    return fault({ denied: owners.join(" ") });
  }
  if (countriesAllowed === null || owners.some((owner) => countriesAllowed.has(owner))) return null;
  return fault({ allowed: [...countriesAllowed].join(" ") });
}
