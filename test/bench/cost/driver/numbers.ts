/** Ranges of Indonesian mobile numbers, of 10,000 numbers each. */
const PREFIXES = [811, 812, 813, 821, 822, 852, 853] as const;
const RANGES_A_PREFIX = 9_000;

/**
 * The number at a place among all. So many share a range however many there are in all, and those that do come
 * far apart, as a country's users do.
 */
export function numberAt(place: number, ofAll: number, perRange: number): string {
  const ranges = Math.ceil(ofAll / perRange);
  const [range, member] = [place % ranges, Math.floor(place / ranges)];
  const prefix = PREFIXES[Math.floor(range / RANGES_A_PREFIX)];
  if (prefix === undefined) throw new Error("There are not so many ranges");
  return `+62${prefix}${1_000 + (range % RANGES_A_PREFIX)}${1_000 + member * 7}`;
}
