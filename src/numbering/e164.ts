import { splitNumber } from "./plan.ts";

/** A possible phone number in E.164: `+`, country calling code, national number; 15 digits at most. */
export type E164 = string & { readonly __brand: "E164" };

/**
 * Parses a phone number in E.164 (ITU-T E.164, 6.2) and in no looser spelling: WhatsApp puts the sender's
 * calling code before a number without `+`, which would then be another person's.
 *
 * Possible, not valid: lengths are checked against the country's plan, ranges are not. Numbering plans open
 * ranges faster than tables follow, and a refused sign-up costs more than a refused send.
 */
export function parseE164(text: string): E164 | null {
  if (!/^\+[1-9]\d{6,14}$/.test(text)) return null;
  const parts = splitNumber(text);
  return parts?.plan.isPossible(parts.national) ? (text as E164) : null;
}

/**
 * The country of a number in ISO 3166-1 alpha-2; null where its calling code belongs to no country, or several
 * share it and none of them is known to own the number.
 */
export function countryOf(number: E164): string | null {
  const parts = splitNumber(number);
  return parts?.plan.ownerOf(parts.national)?.country ?? null;
}

/** The countries that share a number's calling code, in ISO 3166-1 alpha-2. */
export function countriesOf(number: E164): readonly string[] {
  return splitNumber(number)?.plan.countries.map(({ country }) => country) ?? [];
}

/** What the numbering plan says a number is used for. */
export interface NumberUse {
  /** True as well where the plan does not tell mobile numbers from fixed lines. */
  readonly mobile: boolean;
  readonly premiumRate: boolean;
}

/** Null where the number's calling code belongs to no country. */
export function numberUseOf(number: E164): NumberUse | null {
  const parts = splitNumber(number);
  if (parts === null || parts.plan.countries.length === 0) return null;
  const { plan, national } = parts;
  const owner = plan.ownerOf(national);
  return {
    mobile: owner?.canBeMobile(national) ?? false,
    premiumRate: owner?.isPremiumRate(national) ?? false,
  };
}

/** Calling code and last two digits, for logs and for people: `+62*********90`. */
export function maskNumber(number: E164): string {
  const callingCode = splitNumber(number)?.plan.callingCode ?? "";
  const shown = callingCode.length + 1;
  return number.slice(0, shown) + "*".repeat(number.length - shown - 2) + number.slice(-2);
}
