import { bestDay, type Counters, DAY_MS, HOUR_MS, within } from "./counters.ts";
import type { Allowance, BudgetSettings } from "./settings.ts";

/** A rule held against the counts: everything that explains why it refused, or did not. */
export interface Measure {
  readonly rule: "range_hour" | "range_day" | "range_probation" | "country_hour" | "country_day";
  readonly windowMs: number;
  /** Sends of the window without an approval; whole, as is the limit, so that the figures are the decision. */
  readonly unverified: number;
  readonly limit: number;
  /** What the limit was made of. */
  readonly verified: number;
  readonly bestDay: number;
}

/** What is known of a country, perhaps a minute or two ago. */
export type CountryMood = "calm" | "tight";

/** The rules of an open range, the one that reacts faster first. */
export function rangeMeasures(
  counters: Counters,
  settings: BudgetSettings,
  country: CountryMood,
  now: number,
): readonly Measure[] {
  const highest = country === "tight" ? settings.probes : Number.POSITIVE_INFINITY;
  const floored = (allowance: Allowance) => ({ ...allowance, floor: Math.min(allowance.floor, highest) });
  return [
    measureWindow("range_hour", HOUR_MS, floored(settings.hour), counters, now),
    measureWindow("range_day", DAY_MS, floored(settings.day), counters, now),
  ];
}

/**
 * The one rule of a range that has been blocked: a few sends, whatever it was allowed before, and more as
 * verifications are approved.
 */
export function probationMeasure(
  counters: Counters,
  { probes, day }: BudgetSettings,
  approvals: number,
  now: number,
): Measure {
  const { unverified } = within(counters, DAY_MS, now);
  const allowed = { floor: probes, ofBestDay: 0, ofVerified: day.ofVerified };
  return measure("range_probation", DAY_MS, allowed, unverified, approvals, bestDay(counters, now));
}

/** The rules of a country. */
export function countryMeasures(
  counters: Counters,
  { countryHour, countryDay }: BudgetSettings,
  now: number,
): readonly Measure[] {
  return [
    measureWindow("country_hour", HOUR_MS, countryHour, counters, now),
    measureWindow("country_day", DAY_MS, countryDay, counters, now),
  ];
}

/** The first rule that another send would break. */
export function findBreach(measures: readonly Measure[]): Measure | null {
  return measures.find(({ unverified, limit }) => unverified >= limit) ?? null;
}

function measureWindow(
  rule: Measure["rule"],
  windowMs: number,
  allowance: Allowance,
  counters: Counters,
  now: number,
): Measure {
  const { unverified, approvals } = within(counters, windowMs, now);
  return measure(rule, windowMs, allowance, unverified, approvals, bestDay(counters, now));
}

function measure(
  rule: Measure["rule"],
  windowMs: number,
  { floor, ofBestDay, ofVerified }: Allowance,
  unverified: number,
  verified: number,
  best: number,
): Measure {
  return {
    ...{ rule, windowMs, bestDay: best },
    unverified: Math.round(unverified),
    verified: Math.round(verified),
    limit: Math.floor(Math.max(floor, ofBestDay * best, ofVerified * verified)),
  };
}
