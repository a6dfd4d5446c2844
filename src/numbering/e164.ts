import { isPossible, ownerOf, takeApart } from "./numbering-plans/plan.ts";

/** A possible phone number in E.164: `+`, country calling code, national number; 15 digits at most. */
export type E164 = string & { readonly __brand: "E164" };

/**
 * Reads a phone number written in E.164 (ITU-T E.164, 6.2), and in nothing looser: a number without its
 * `+` would get the sender's country code from WhatsApp and reach a stranger.
 *
 * Possible, not valid: lengths are checked against the country's plan, ranges are not, because numbering
 * plans open ranges faster than any table follows, and a refused sign-up costs more than a refused send.
 */
export function parseE164(text: string): E164 | null {
  if (!/^\+[1-9]\d{6,14}$/.test(text)) return null;
  const parts = takeApart(text);
  return parts && isPossible(parts.national, parts.plan) ? (text as E164) : null;
}

/** Mexican mobiles had a 1 after the country code until 2019; their WhatsApp ids have it still. */
const FORMER_MEXICAN = /^521(?=\d{10}$)/;

/** Reads the bare digits of WhatsApp's `wa_id` and `recipient_id`. */
export function parseWaId(digits: string): E164 | null {
  return parseE164(`+${digits.replace(FORMER_MEXICAN, "52")}`);
}

/** The country a number belongs to, in ISO 3166-1 alpha-2; null where its plan belongs to none, or to several alike. */
export function countryOf(number: E164): string | null {
  const parts = takeApart(number);
  return (parts && ownerOf(parts.national, parts.plan)?.country) ?? null;
}

/** Calling code and last two digits, for logs and for people: `+62*********90`. */
export function maskNumber(number: E164): string {
  const callingCode = takeApart(number)?.callingCode ?? "";
  const shown = callingCode.length + 1;
  return number.slice(0, shown) + "*".repeat(number.length - shown - 2) + number.slice(-2);
}
