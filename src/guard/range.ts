import type { E164 } from "../numbering/e164.ts";

/** A destination prefix: an E.164 number without its last four digits, as in `+6281234567`. */
export type Range = string & { readonly __brand: "Range" };

/**
 * A range holds 10,000 numbers. Operators are given numbers in blocks of that size or whole multiples of it
 * (in North America it is one exchange), so a bought block is one range or a few. With blocks of 1,000 a
 * fraudster gets ten times the free sends out of the same numbers; with 100,000 and more, the honest
 * subscribers who share a range with him are many, and pay for him. docs/guard.md has the figures.
 */
const DIGITS_WITHIN = 4;

/** The range of a number. In the few countries with four-digit numbers it is the country. */
export function rangeOf(number: E164): Range {
  return number.slice(0, -DIGITS_WITHIN) as Range;
}

/** Reads what {@link rangeOf} writes: E.164 has 7 to 15 digits here, so a range has 3 to 11. */
export function parseRange(text: string): Range | null {
  return /^\+[1-9]\d{2,10}$/.test(text) ? (text as Range) : null;
}
