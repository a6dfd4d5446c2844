import { type MetadataJson, parsePhoneNumberFromString } from "libphonenumber-js/core/es6";
import { countriesOf, type E164 } from "./e164.ts";
import { PLANS } from "./plans.ts";

/** How numbers are grouped, by country, in the packed form of libphonenumber-js. */
export type NumberFormats = Readonly<Record<string, unknown>>;

/** Their place in the library's packed form of a plan. */
export const FORMATS = 4;

/** A number as people write it: `+62 812 3456 7890`. */
export function displayNumber(number: E164, formats: NumberFormats): string {
  const countries: Record<string, unknown> = { ...PLANS.countries };
  for (const country of countriesOf(number)) {
    const plan = countries[country] as unknown[];
    countries[country] = plan.with(FORMATS, formats[country] ?? 0);
  }
  const plans = { ...PLANS, countries } as unknown as MetadataJson;
  return parsePhoneNumberFromString(number, plans)?.formatInternational() ?? number;
}
