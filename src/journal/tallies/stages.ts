import { HOUR_MS } from "../../platform/time.ts";

/** No message of a verification changes its status so long after the hour of its start. */
export const FINAL_AFTER_MS = 26 * HOUR_MS;

/** Tallies of days are kept for two years, those of hours for a journal's default retention. */
export const DAYS_KEPT = 731;
export const HOURS_KEPT_DAYS = 90;

/** How long after its end an hour is folded. */
export const STAGES = [
  { bound: "ended", afterMs: 0 },
  { bound: "settled", afterMs: HOUR_MS },
  { bound: "final", afterMs: FINAL_AFTER_MS },
] as const;
