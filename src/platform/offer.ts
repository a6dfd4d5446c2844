/** More failures in a row than it takes to single out one of a hundred items: what takes them is out of order. */
const MOST_FAILURES = 9;

/** What became of an offer: the items that were not taken, and why. */
export interface Offered<Item> {
  readonly refused: readonly Item[];
  readonly error: unknown;
}

/**
 * Offers items to what takes all of a call or none, in halves where it takes none, so that one that cannot be taken does
 * not hold up the others. Ends early where every call fails.
 */
export async function offer<Item>(
  items: readonly Item[],
  take: (items: readonly Item[]) => Promise<void>,
): Promise<Offered<Item>> {
  const refused: Item[] = [];
  const waiting = [items];
  let failures = 0;
  let error: unknown = null;
  for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
    if (part.length === 0) continue;
    if (failures > MOST_FAILURES) {
      refused.push(...part);
      continue;
    }
    try {
      await take(part);
      failures = 0;
    } catch (failure) {
      error = failure;
      failures += 1;
      const half = Math.ceil(part.length / 2);
      if (part.length === 1) refused.push(...part);
      else waiting.push(part.slice(half), part.slice(0, half));
    }
  }
  return { refused, error };
}
