import { WHATSAPP_PRICES_DATE, whatsAppPrices } from "../../messages/whatsapp-prices.ts";
import type { Findings } from "../findings.ts";
import type { Check, Result } from "./check.ts";
import { SUPPORT_HOME } from "./meta-pages.ts";
import { dayOf, listed, ok, unknown, warning } from "./results.ts";

export const countryChecks: readonly Check[] = [
  { id: "country.refused", severity: "degrades", needs: ["account.restricted"], examine: examineCountries },
  { id: "price.international", severity: "warns", needs: ["token.assigned"], examine: examineInternational },
];

const COUNTRY_REFUSED = "130497";

function examineCountries({ memory }: Findings): Result | null {
  if (memory === null) return null;
  const refused = memory.errors.filter(({ code }) => code === COUNTRY_REFUSED);
  if (refused.length === 0) return ok("Meta refused no country within a day.");
  const countries = refused.map(({ country }) => country ?? "an unknown country");
  return warning({
    sentence: `Meta refuses codes to ${listed(countries)} from this account.`,
    why: "People there get their code by the next channel of the purpose, or none.",
    repair: {
      by: "link",
      text: `Add "sms" to the channels of the purposes that people in ${listed(countries)} use, or ask Meta's support why it refuses.`,
      url: SUPPORT_HOME,
    },
    evidence: { expected: [], found: refused.map(({ country, count }) => ({ country, count })) },
    meta: { code: Number(COUNTRY_REFUSED), subcode: null, message: "", trace: null },
  });
}

const SHOWN_PRICES = 3;

function examineInternational({ now, meta }: Findings): Result {
  if (meta.account.kind !== "answered") return unknown(meta.account);
  const { internationalRates: rates, primaryLocation } = meta.account.value;
  if (rates === null) return ok("Codes cost the standard rate everywhere.");
  const dearer = Object.entries(whatsAppPrices()).flatMap(([country, prices]) => {
    const from = rates.exceptions.find((exception) => exception.country === country)?.from ?? rates.from;
    const factor = (prices["authentication-international"] ?? 0) / (prices.authentication ?? 1);
    return factor > 1 && country !== primaryLocation && from <= now ? [{ country, from, factor }] : [];
  });
  const [first, ...others] = dearer.toSorted((a, b) => b.factor - a.factor);
  if (first === undefined) return ok("Codes cost the standard rate everywhere.");
  const since = dayOf(Math.min(...dearer.map(({ from }) => from)));
  const times = (factor: number) => `${factor.toFixed(1).replace(/\.0$/, "")} times as much`;
  const further = others
    .slice(0, SHOWN_PRICES - 1)
    .map(({ country, factor }) => `to ${country} ${times(factor)}`);
  const rest = dearer.length - 1 - further.length;
  const more = [...further, ...(rest > 0 ? [`to ${rest} more countries more than the standard rate`] : [])];
  return warning({
    sentence: `Codes to ${first.country} cost ${times(first.factor)} since ${since}${more.length === 0 ? "" : `, ${more.join(", ")}`}.`,
    why: `Meta bills the authentication-international rate (card of ${WHATSAPP_PRICES_DATE}) to a business that sends much from another country.`,
    repair: {
      by: "wait",
      text: 'Weigh message-first or "sms" for these countries: Meta decides on the rate, and it stays.',
    },
    evidence: {
      expected: "standard rate",
      found: dearer.map(({ country, factor }) => `${country} ${factor.toFixed(1)}`),
    },
  });
}
