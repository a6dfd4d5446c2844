import type { Random } from "../../world/random.ts";
import type { Schema } from "../document.ts";

const LOWER = "abcdefghijklmnopqrstuvwxyz";
const DIGITS = "0123456789";

/** Several scripts, and the characters that JSON, URLs and HTML escape. */
const ANY = [
  ..."abc XYZ 019 -_.:/?#&%+=\"'\\<>{}[]|~`$@!*(),;\t\n",
  ..."éßøñ中文ไทยعربي🙂👨‍👩‍👧\u200b\u202e\u0301",
];

/** Generators for the patterns in the API's schemas. For other patterns, any text is generated. */
const PATTERNS: Readonly<Record<string, (random: Random) => string>> = {
  "^[A-Za-z0-9]{4,15}$": (random) => random.text(LOWER + DIGITS, 4 + random.below(12)),
  "^\\d{1,15}(\\.\\d{1,4})?$": (random) => `${random.below(1_000_000)}.${random.text(DIGITS, 2)}`,
  "^[A-Z]{3}$": (random) => random.text(LOWER.toUpperCase(), 3),
  "^[a-z][a-z0-9_]{0,31}$": (random) => random.pick(["account", "order", `x${random.text(LOWER, 5)}`]),
  "^\\w+(\\.\\w+)+$": (random) => `com.${random.text(LOWER, 6)}.app`,
  "^[A-Za-z0-9+/=]{11}$": (random) => random.text(LOWER + DIGITS, 11),
  "^\\+?\\d{7,19}$": (random) => `+1555${random.text(DIGITS, 7)}`,
};

const FORMATS: Readonly<Record<string, (random: Random) => string>> = {
  ipv4: (random) => [203, 0, 113, random.below(256)].join("."),
  ipv6: (random) => random.pick(["2001:db8::", "::ffff:192.0.2.", "fe80::1:"]) + random.below(200),
};

/** A text that a schema accepts. */
export function stringLike(
  { pattern = "", format = "", minLength = 0, maxLength }: Schema,
  random: Random,
  longest: number,
): string {
  const make = FORMATS[format] ?? PATTERNS[pattern];
  if (make !== undefined) return make(random);
  const most = Math.min(maxLength ?? longest, Math.max(longest, minLength));
  const length = minLength + random.below(most - minLength + 1);
  if (random.chance(0.7)) return random.text(LOWER + DIGITS, length);
  return Array.from({ length }, () => ANY[random.below(ANY.length)] ?? "")
    .join("")
    .slice(0, most);
}
