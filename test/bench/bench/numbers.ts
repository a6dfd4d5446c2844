/** Indonesian mobile numbers: `+62812` and eight more digits, the first of these no zero. */
const PLACES = 90_000_000;
/** Shares no factor with {@link PLACES}, so that no number comes twice, and leaves no two in one range. */
const STEP = 12_347_801;

let drawn = 0;

/** Numbers that nothing in this run has seen before, spread over the number plan as a country's users are. */
export function freshNumbers(count: number): readonly string[] {
  const first = drawn;
  drawn += count;
  return Array.from({ length: count }, (_, index) => {
    return `+62812${10_000_000 + (((first + index) * STEP) % PLACES)}`;
  });
}
