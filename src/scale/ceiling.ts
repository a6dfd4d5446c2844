import type { Plan } from "./plan.ts";

/** What stops, or becomes worse, from some number of verifications a second on. */
export interface Ceiling {
  readonly id: string;
  readonly title: string;
  /** The mean rate at which it is met. */
  readonly at: number;
  /** The arithmetic in words. */
  readonly because: string;
  /** What users and the team notice above it. */
  readonly effect: string;
  /** What lifts it. */
  readonly remedy: string;
}

/** Null where a deployment has no such ceiling, several where several things of one kind have theirs. */
export type Find = (plan: Plan) => Ceiling | readonly Ceiling[] | null;

export const FALL_BEHIND = "Codes go on. Journal and webhooks fall behind, and catch up when there is less.";
