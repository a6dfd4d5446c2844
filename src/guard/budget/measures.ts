import { DAY_MS, HOUR_MS } from "../../platform/time.ts";
import type { Allowance, BudgetSettings } from "../settings.ts";
import { bestDay, type Counters, countPending, NONE_PENDING, type Pending, within } from "./counters.ts";

/** The counts of a range or of a country. */
interface Measured {
  readonly counters: Counters;
  readonly pending: Pending;
}

/** A rule applied to the counts, with all figures that explain its result. */
export interface Measure {
  readonly rule: "range_hour" | "range_day" | "range_probation" | "country_hour" | "country_day";
  readonly windowMs: number;
  /**
   * Sends of the window that were not verified, and all that are still open. Rounded, as is the limit, so that
   * the reported figures are those of the decision.
   */
  readonly unverified: number;
  readonly limit: number;
  /** What the limit was calculated from. */
  readonly verified: number;
  readonly bestDay: number;
}

/** Whether a country is over its budget, as known a minute or two ago. */
export type CountryPressure = "normal" | "restricted";

/** The rules of an open range, the faster one first. */
export function rangeMeasures(
  range: Measured,
  settings: BudgetSettings,
  country: CountryPressure,
  now: number,
): readonly Measure[] {
  const highest = country === "restricted" ? settings.probes : Number.POSITIVE_INFINITY;
  const floored = (allowance: Allowance) => ({ ...allowance, floor: Math.min(allowance.floor, highest) });
  return [
    measureWindow("range_hour", HOUR_MS, floored(settings.hour), range, now),
    measureWindow("range_day", DAY_MS, floored(settings.day), range, now),
  ];
}

/** The one rule of a range on probation: a few sends, and more as verifications are approved. */
export function probationMeasure(
  range: Measured,
  { probes, day }: BudgetSettings,
  approvals: number,
  now: number,
): Measure {
  const allowed = { floor: probes, ofBestDay: 0, ofVerified: day.ofVerified };
  return measureWindow("range_probation", DAY_MS, allowed, range, now, approvals);
}

/** The rules of a country. */
export function countryMeasures(
  counters: Counters,
  { countryHour, countryDay }: BudgetSettings,
  now: number,
): readonly Measure[] {
  const measured = { counters, pending: NONE_PENDING };
  return [
    measureWindow("country_hour", HOUR_MS, countryHour, measured, now),
    measureWindow("country_day", DAY_MS, countryDay, measured, now),
  ];
}

/** The first rule that another send would break. */
export function findBreach(measures: readonly Measure[]): Measure | null {
  return measures.find(({ unverified, limit }) => unverified >= limit) ?? null;
}

/** @param approvals Replaces the approvals of the window. */
function measureWindow(
  rule: Measure["rule"],
  windowMs: number,
  { floor, ofBestDay, ofVerified }: Allowance,
  { counters, pending }: Measured,
  now: number,
  approvals?: number,
): Measure {
  const window = within(counters, windowMs, now);
  const verified = approvals ?? window.approvals;
  const best = bestDay(counters, now);
  return {
    rule,
    windowMs,
    bestDay: best,
    unverified: Math.round(window.unverified + countPending(pending, now)),
    verified: Math.round(verified),
    limit: Math.floor(Math.max(floor, ofBestDay * best, ofVerified * verified)),
  };
}
