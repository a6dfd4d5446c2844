import { DAY_MS } from "../platform/time.ts";
import { destinationNotAllowed, type RuleMatch } from "./rule.ts";
import type { TestNumber } from "./settings.ts";

/**
 * The match of a test number whose last day is over; null before. It is refused in every deployment, also a
 * local one: the code is in the configuration, so a forgotten test number would be a way in for its readers.
 */
export function expiry({ until }: TestNumber, now: number): RuleMatch | null {
  if (now < Date.parse(until) + DAY_MS) return null;
  return destinationNotAllowed({ rule: "expired_test_number", figures: {}, limits: { until } }, "enforce");
}
