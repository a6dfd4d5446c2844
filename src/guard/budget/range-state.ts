import { type Counters, DAY_MS, forgive, isSilent, NOTHING, within } from "./counters.ts";
import type { Measure } from "./measures.ts";
import { NONE_PENDING, type Pending } from "./pending.ts";

/** Everything that is known about one range: bounded by its counters, and by its numbers. */
export interface RangeState {
  /** What became of the verifications that are over. */
  readonly counters: Counters;
  /** What may still come to nothing: unverified as long as it is open. Mostly in memory only, see {@link toRecord}. */
  readonly pending: Pending;
  readonly standing: Standing;
  /** Whatever began before is not held against the range. */
  readonly forgivenAt: number;
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
  pending: NONE_PENDING,
  standing: { kind: "open", since: 0 },
  forgivenAt: 0,
};

/**
 * Brings the record to the present: a block that is over becomes probation, which starts with nothing held
 * against the range. The very same record comes back when nothing was due.
 */
export function advance(state: RangeState, now: number): RangeState {
  const { standing } = state;
  if (standing.kind !== "blocked" || now < standing.until) return state;
  return {
    ...forgiven(state, standing.until),
    standing: { ...standing, kind: "probation", since: standing.until, approvals: 0 },
  };
}

/** Holds nothing against a range that began before a time, and keeps what was approved. */
export function forgiven(state: RangeState, at: number): RangeState {
  return { ...state, counters: forgive(state.counters), pending: NONE_PENDING, forgivenAt: at };
}

/** Opens a range. What is held against it stays, unless that is forgiven as well. */
export function open(state: RangeState, now: number): RangeState {
  return { ...state, standing: { kind: "open", since: now } };
}

/** True when nothing is left that a decision could depend on. */
export function isForgotten({ counters, standing }: RangeState, now: number): boolean {
  return isSilent(counters, now) && (standing.kind === "open" || now >= standing.until);
}

/** In a range of which no more came to nothing within a day, no limit depends on what was approved. */
const QUIET_UNVERIFIED = 2;

/**
 * Whether a change has to outlive the memory of the range's object, at the price of a row. What came to nothing
 * always has to; approvals only where something stands against the range. Those of a quiet one wait for its next
 * row, and when the object leaves memory before that, a few approvals are lost that nobody would have needed.
 * Sends that are open are lost as well, but each verification ends, and is told then.
 */
export function isWorthARow(written: RangeState, state: RangeState, now: number): boolean {
  if (state.standing !== written.standing) return true;
  // A handful of sends decides here, and they may be further apart than the object stays in memory.
  if (state.standing.kind === "probation") return state !== written;
  const unverified = ({ counters }: RangeState) => within(counters, DAY_MS, now).unverified;
  const held = Math.min(unverified(written), QUIET_UNVERIFIED);
  return state.counters !== written.counters && unverified(state) > held;
}

/** What is written of it: open sends only where they decide, for they may be thousands. */
export function toRecord(state: RangeState): RangeState {
  return state.standing.kind === "probation" ? state : { ...state, pending: NONE_PENDING };
}
