import * as z from "zod";

/**
 * How many unverified sends a window allows: the largest of a floor, a share of the approvals on the best of
 * the last fourteen days, and a share of the approvals in the window itself.
 */
function allowance(floor: number, ofBestDay: number, ofVerified: number) {
  return z
    .strictObject({
      floor: z.int().min(1).max(1_000_000).default(floor),
      of_best_day: z.number().min(0).max(10).default(ofBestDay),
      of_verified: z.number().min(0).max(10).default(ofVerified),
    })
    .prefault({})
    .transform((fields) => ({
      floor: fields.floor,
      ofBestDay: fields.of_best_day,
      ofVerified: fields.of_verified,
    }));
}

/**
 * The traffic budget, as a team writes it in `[vars.GUARD.budget]` of wrangler.toml.
 *
 * The formula is Authgear's (docs/specs/fraud-protection.md), the constants are not. Theirs, 0.3 of a day's
 * and 0.2 of an hour's approvals, are for whole countries, and refuse what converts below 77 or 83 %. Here
 * one range is measured, and half of a limit has to hold honest traffic that converts at 70 % and asks for
 * some codes twice, or good conversions could not open a range again: that takes 1.5.
 */
export const budgetSettings = z
  .strictObject({
    /** `record_only` lets everything pass, counts it, and says what it would have refused. */
    mode: z.enum(["off", "record_only", "enforce"]).default("record_only"),
    /** Codes that are still on their way count as unverified; a share of the best day leaves room for a rush. */
    hour: allowance(20, 0.5, 1.5),
    day: allowance(20, 0.5, 1.5),
    /** A country over either of these gives the ranges without a record of their own no more than the probes. */
    country_hour: allowance(100, 0.25, 1),
    country_day: allowance(300, 0.5, 1),
    /** Unverified sends on probation, and the floor of every range in a country that is over its budget. */
    probes: z.int().min(1).max(100).default(3),
    /** How many approved verifications it takes to open a range, besides a good conversion. */
    reopen_after_approvals: z.int().min(1).max(100).default(3),
    /** How long the first, second … block in a row lasts; the last one repeats. */
    block_minutes: z.array(z.int().min(1).max(10_080)).min(1).max(10).default([60, 240, 1440]),
  })
  .transform((fields) => ({
    mode: fields.mode,
    hour: fields.hour,
    day: fields.day,
    countryHour: fields.country_hour,
    countryDay: fields.country_day,
    probes: fields.probes,
    reopenAfterApprovals: fields.reopen_after_approvals,
    blockMinutes: fields.block_minutes,
  }));

export type BudgetSettings = z.output<typeof budgetSettings>;
export type Allowance = BudgetSettings["day"];
