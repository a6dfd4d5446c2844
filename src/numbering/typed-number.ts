import { parsePhoneNumberFromString } from "libphonenumber-js/core/es6";
import { foldDigits } from "./digits.ts";
import { type E164, parseE164 } from "./e164.ts";
import { PLANS } from "./plans.ts";

/** A number with its separators and invisible marks is shorter. */
const LONGEST = 64;

const INTERNATIONAL = /^(?:\+|00(?=[1-9]))/;

/**
 * Reads a phone number as its owner types it for a country: with or without the country's calling code, with the prefix of
 * national calls where the country has one, in the digits of any script. A number that begins with `+` or `00` names its own
 * country. Null for what is no possible number.
 *
 * Only for a form that shows the number it read: an API takes no number whose country is a guess.
 */
export function readTypedNumber(text: string, country: string | null): E164 | null {
  if (text.length > LONGEST) return null;
  const bare = foldDigits(text.normalize("NFKC")).replace(/[^\p{L}\p{N}+]/gu, "");
  if (!/^\+?\d+$/.test(bare)) return null;
  const isInternational = INTERNATIONAL.test(bare);
  const spelled = bare.replace(INTERNATIONAL, "+");
  const options = isInternational || country === null ? {} : { defaultCountry: country as "ID" };
  // The library drops what only national calls have before the number, in each country by its own rule.
  const read = parsePhoneNumberFromString(spelled, options, PLANS);
  return read === undefined ? null : parseE164(read.number);
}

/** The calling codes of countries, by ISO 3166-1 alpha-2. */
export function callingCodes(): ReadonlyMap<string, string> {
  const codes = Object.entries<readonly string[]>(PLANS.country_calling_codes);
  return new Map(codes.flatMap(([code, countries]) => countries.map((country) => [country, code] as const)));
}
