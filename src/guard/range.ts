import { type E164, parseE164 } from "../numbering/e164.ts";
import { subscriberOf } from "../numbering/subscriber.ts";

/** A destination range: an E.164 number without its last four digits, as in `+6281234567`. */
export type Range = string & { readonly __brand: "Range" };

/**
 * A range holds 10,000 numbers. Operators get numbers in blocks of that size or whole multiples of it (in North
 * America it is one exchange), so a block that a fraudster has bought is one range or a few. With blocks of
 * 1,000 the same numbers would give ten times the free sends; with 100,000 and more, many honest subscribers
 * would share a range with the fraud and be refused with it. docs/guard.md has the figures.
 */
const DIGITS_WITHIN = 4;

/** The range of a number's subscriber. In the few countries with four-digit numbers it is the country. */
export function rangeOf(number: E164): Range {
  return subscriberOf(number).slice(0, -DIGITS_WITHIN) as Range;
}

/** Parses what {@link rangeOf} returns: E.164 has 7 to 15 digits here, so a range has 3 to 11. */
export function parseRange(text: string): Range | null {
  return /^\+[1-9]\d{2,10}$/.test(text) ? (text as Range) : null;
}

/** The first digits of E.164 numbers, as in `+6281`. */
export type Prefix = string & { readonly __brand: "Prefix" };

/** A prefix leaves at least as many digits open as a range: with fewer it would reveal nearly a whole number. */
const OPEN_DIGITS = { least: DIGITS_WITHIN, most: 14 };

/** Parses a prefix; null where no possible number has four digits more. */
export function parsePrefix(text: string): Prefix | null {
  if (!/^\+[1-9]\d{0,10}$/.test(text)) return null;
  for (let open = OPEN_DIGITS.least; open <= OPEN_DIGITS.most; open += 1) {
    if (parseE164(text + "5".repeat(open)) !== null) return text as Prefix;
  }
  return null;
}
