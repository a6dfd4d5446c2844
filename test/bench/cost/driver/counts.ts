import type { Counted, Counts } from "../protocol.ts";

const counts = new Map<Counted, Map<string, number>>();

/** @param source Where it comes from, in words for the report. */
export function count(unit: Counted, source: string, amount = 1): void {
  const sources = counts.get(unit) ?? new Map<string, number>();
  counts.set(unit, sources.set(source, (sources.get(source) ?? 0) + amount));
}

/** From all sources whose names begin so. */
export function total(unit: Counted, prefix: string): number {
  const sources = [...(counts.get(unit) ?? [])].filter(([source]) => source.startsWith(prefix));
  return sources.reduce((sum, [, amount]) => sum + amount, 0);
}

export function allCounts(): Counts {
  return Object.fromEntries([...counts].map(([unit, sources]) => [unit, Object.fromEntries(sources)]));
}

/** Forgets what it took to set up. */
export function resetCounts(): void {
  counts.clear();
}
