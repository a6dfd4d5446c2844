import metadata from "libphonenumber-js/max/metadata";

/** What the national numbers of a kind look like, as regular expressions for the whole of them. */
export interface NumberPatterns {
  readonly mobile?: string | undefined;
  readonly premium?: string | undefined;
}

/** A plan's kinds of numbers, as libphonenumber-js packs them (`getType` in its metadata.js); 0 stands for none. */
type Kinds = readonly (readonly [pattern: string] | 0 | undefined)[];

const KINDS = 11;
const FIXED_LINE = 0;
const MOBILE = 1;
const PREMIUM_RATE = 3;

const packed = metadata as unknown as {
  readonly country_calling_codes: Readonly<Record<string, readonly string[]>>;
  readonly countries: Readonly<Record<string, readonly unknown[]>>;
};

/**
 * The table of what numbers are for, by country calling code, out of libphonenumber-js's full metadata. A static
 * asset, for it is as heavy as a third of the Worker. Of countries that share a code, any one's patterns do.
 */
export function numberTypes(): Record<string, NumberPatterns> {
  return Object.fromEntries(
    Object.entries(packed.country_calling_codes).map(([callingCode, countries]) => {
      const kinds = countries.map((country) => (packed.countries[country]?.[KINDS] ?? []) as Kinds);
      const mobile = anyOf(kinds.map(mobilePattern));
      const premium = anyOf(kinds.map((kind) => patternOf(kind[PREMIUM_RATE])));
      return [callingCode, { ...(mobile && { mobile }), ...(premium && { premium }) }];
    }),
  );
}

/** Where nobody can tell the two apart, the one pattern stands with the fixed lines. */
function mobilePattern(kinds: Kinds): string {
  return patternOf(kinds[MOBILE]) || patternOf(kinds[FIXED_LINE]);
}

function patternOf(kind: Kinds[number]): string {
  return kind ? kind[0] : "";
}

function anyOf(patterns: readonly string[]): string {
  const different = [...new Set(patterns)].filter((pattern) => pattern !== "");
  return different.length === 0 ? "" : `^(?:${different.join("|")})$`;
}
