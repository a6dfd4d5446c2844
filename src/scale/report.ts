import { DEFAULT_PACE, FASTEST_PACE } from "../channels/whatsapp/senders.ts";
import type { Ceiling } from "./ceiling.ts";
import { ceilingsOf } from "./ceilings.ts";
import { type Dollars, dollarsOf } from "./dollars.ts";
import { type LimitOfOne, limitsOfOne } from "./limits-of-one.ts";
import { PEAK } from "./load.ts";
import type { Plan } from "./plan.ts";

/** How a ceiling stands at a rate: met, near (less than {@link NEAR} times the rate), or far. */
export type Standing = "met" | "near" | "far";
const NEAR = 1.5;

export interface JudgedCeiling extends Ceiling {
  /** How many times the rate it is met at. */
  readonly headroom: number;
  readonly standing: Standing;
}

/** Everything that is said of a plan. */
export interface Report {
  readonly plan: Plan;
  readonly peak: number;
  readonly ceilings: readonly JudgedCeiling[];
  /** What depends on how the traffic is spread, and not on the rate. */
  readonly others: readonly LimitOfOne[];
  /** How many senders the peak needs, by their pace. */
  readonly senders: readonly { readonly pace: number; readonly count: number }[];
  readonly dollars: Dollars;
}

export function reportOf(plan: Plan): Report {
  const peak = plan.rate * PEAK;
  return {
    plan,
    peak,
    ceilings: ceilingsOf(plan).map((ceiling) => {
      const headroom = ceiling.at / plan.rate;
      const standing = headroom < 1 ? "met" : headroom < NEAR ? "near" : "far";
      return Object.assign({ headroom, standing } as const, ceiling);
    }),
    others: limitsOfOne(plan),
    senders: [DEFAULT_PACE, FASTEST_PACE].map((pace) => ({ pace, count: Math.ceil(peak / pace) })),
    dollars: dollarsOf(plan),
  };
}
