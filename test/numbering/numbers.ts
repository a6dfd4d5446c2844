import fc from "fast-check";
import metadata from "libphonenumber-js/max/metadata";

type Plan = readonly unknown[];

const { country_calling_codes, countries, nonGeographic } = metadata as unknown as {
  country_calling_codes: Record<string, string[]>;
  countries: Record<string, Plan>;
  nonGeographic: Record<string, Plan>;
};

/** By country calling code, the plans of the countries that share it, in the packed form of libphonenumber-js. */
const plans: Readonly<Record<string, readonly Plan[]>> = Object.fromEntries([
  ...Object.entries(nonGeographic).map(([callingCode, plan]) => [callingCode, [plan]]),
  ...Object.entries(country_calling_codes).map(([callingCode, sharing]) => [
    callingCode,
    sharing.map((country) => countries[country]),
  ]),
]);

export const CALLING_CODES = Object.keys(plans);
export const SHARED_CALLING_CODES = CALLING_CODES.filter((callingCode) => plansOf(callingCode).length > 1);

/** Indexes into a packed plan. */
const LENGTHS = 3;
const TRUNK_PREFIXES = [5, 7];
const NATIONAL_NUMBERS = [2, 10, 11];

/**
 * Texts at the edges of a calling code's plans: optionally a trunk prefix, then a match of a pattern for national
 * numbers, then digits; mostly of a length that one of the countries has.
 */
export function numbersOf(callingCode: string): fc.Arbitrary<string> {
  const lengths = plansOf(callingCode).flatMap((plan) => plan[LENGTHS] as number[]);
  const possible = fc.constantFrom(...lengths).map((length) => callingCode.length + length);
  return fc
    .tuple(
      fc.boolean(),
      matching(callingCode, TRUNK_PREFIXES),
      matching(callingCode, NATIONAL_NUMBERS),
      digits(15, 15),
      fc.oneof({ arbitrary: possible, weight: 3 }, fc.integer({ min: 5, max: 16 })),
    )
    .map(([hasTrunk, trunk, national, rest, length]) => {
      const text = callingCode + (hasTrunk ? trunk : "") + national + rest;
      return `+${text.slice(0, length)}`;
    });
}

export function digits(minLength: number, maxLength: number): fc.Arbitrary<string> {
  return fc.string({ unit: fc.constantFrom(..."0123456789"), minLength, maxLength, size: "max" });
}

/**
 * A match of any pattern at these indexes. The end of a pattern is dropped, because digits follow, and so is a
 * final `?`, as of the Argentine trunk prefix, so that its optional part is present.
 */
function matching(callingCode: string, places: readonly number[]): fc.Arbitrary<string> {
  const patterns = plansOf(callingCode)
    .flatMap((plan) => places.map((place) => plan[place]))
    .flat(2)
    .filter((part): part is string => typeof part === "string" && part !== "")
    .map((pattern) => fc.stringMatching(new RegExp(`^(?:${pattern.replace(/\$|\?$/g, "")})$`)));
  return patterns.length > 0 ? fc.oneof(...patterns) : fc.constant("");
}

function plansOf(callingCode: string): readonly Plan[] {
  return plans[callingCode] ?? [];
}
