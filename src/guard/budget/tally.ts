import { DAY_MS } from "../../platform/time.ts";
import type { BudgetSettings } from "../settings.ts";
import { add, type Counters, type Counts, isSilent, merge, NOTHING } from "./counters.ts";
import { type CountryPressure, countryMeasures, findBreach, type Measure } from "./measures.ts";

/** Stands for numbers that belong to no country. */
export const NO_COUNTRY = "none";

/**
 * The traffic by ISO country code or {@link NO_COUNTRY}. Any number of objects may each keep a tally of a part
 * of the traffic; {@link mergeTallies} adds them up.
 */
export type Tally = Readonly<Record<string, CountryTally>>;

export interface CountryTally {
  readonly counters: Counters;
  /** Spent on a day (counted since the epoch, UTC), in the unit of the price table. */
  readonly spent: { readonly day: number; readonly cost: number };
}

/** Adds the traffic of a country. A negative cost corrects an estimate that was too high. */
export function report(
  tally: Tally,
  country: string,
  counts: Counts & { readonly cost: number; readonly unchecked?: number },
  now: number,
): Tally {
  const { sends, approvals, cost, unchecked } = counts;
  const day = Math.floor(now / DAY_MS);
  const former = tally[country];
  return {
    ...tally,
    [country]: {
      counters: add(former?.counters ?? NOTHING, { sends, approvals }, now, unchecked),
      spent: { day, cost: (former === undefined ? 0 : spentOn(day, former)) + cost },
    },
  };
}

/** Adds up the tallies of several objects, in any order. Countries without recent traffic are dropped. */
export function mergeTallies(tallies: readonly Tally[], now: number): Tally {
  const day = Math.floor(now / DAY_MS);
  const merged: Record<string, CountryTally> = {};
  for (const [country, entry] of tallies.flatMap((tally) => Object.entries(tally))) {
    const former = merged[country];
    const cost = spentOn(day, entry) + (former === undefined ? 0 : spentOn(day, former));
    const counters = former === undefined ? entry.counters : merge(former.counters, entry.counters);
    if (!isSilent(counters, now)) merged[country] = { counters, spent: { day, cost } };
  }
  return merged;
}

/** The budget rule that a country breaks; null for none. */
export function countryBreach(
  tally: Tally,
  settings: BudgetSettings,
  country: string,
  now: number,
): Measure | null {
  const entry = tally[country];
  return entry === undefined ? null : findBreach(countryMeasures(entry.counters, settings, now));
}

export function countryPressure(breach: Measure | null): CountryPressure {
  return breach === null ? "normal" : "restricted";
}

/** The sends and the cost of a country since midnight UTC. */
export function today(entry: CountryTally, now: number): { readonly sends: number; readonly cost: number } {
  const day = Math.floor(now / DAY_MS);
  const slot = entry.counters.days.find(({ index }) => index === day);
  return { sends: slot?.sends ?? 0, cost: spentOn(day, entry) };
}

function spentOn(day: number, { spent }: CountryTally): number {
  return spent.day === day ? spent.cost : 0;
}
