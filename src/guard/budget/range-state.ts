import { type Counters, forgive, isSilent, NOTHING } from "./counters.ts";
import type { Measure } from "./measures.ts";

/** Everything that is known about one range: the one record its object stores, bounded by its counters. */
export interface RangeState {
  readonly counters: Counters;
  readonly standing: Standing;
}

/**
 * Open, or blocked, and after that on probation until it has shown good conversions. Times are
 * milliseconds since the epoch.
 */
export type Standing = { readonly kind: "open"; readonly since: number } | Suspect;

export interface Suspect {
  readonly kind: "blocked" | "probation";
  readonly since: number;
  /** When the block ends, or ended. */
  readonly until: number;
  /** Blocks in a row, without good conversions between them. */
  readonly strikes: number;
  /** Approvals since the block began, or since it ended. */
  readonly approvals: number;
  /** The rule that blocked it last. */
  readonly because: Measure;
}

export const FRESH: RangeState = {
  counters: NOTHING,
  standing: { kind: "open", since: 0 },
};

/**
 * Brings the record to the present: a block that is over becomes probation, which starts with nothing held
 * against the range. The very same record comes back when nothing was due.
 */
export function advance(state: RangeState, now: number): RangeState {
  const { standing } = state;
  if (standing.kind !== "blocked" || now < standing.until) return state;
  return {
    ...state,
    counters: forgive(state.counters),
    standing: { ...standing, kind: "probation", since: standing.until, approvals: 0 },
  };
}

/** Opens a range. What is held against it stays, unless that is forgiven as well. */
export function open(state: RangeState, now: number): RangeState {
  return { ...state, standing: { kind: "open", since: now } };
}

/** True when nothing is left that a decision could depend on. */
export function isForgotten({ counters, standing }: RangeState, now: number): boolean {
  return isSilent(counters, now) && (standing.kind === "open" || now >= standing.until);
}
