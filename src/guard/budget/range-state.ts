import { DAY_MS } from "../../platform/time.ts";
import { type Counters, clearUnverified, isSilent, NOTHING, within } from "./counters.ts";
import type { Measure } from "./measures.ts";
import { NONE_PENDING, type Pending } from "./pending.ts";

/** Everything that is known about one range: bounded by its counters, and by its numbers. */
export interface RangeState {
  /** What became of the verifications that are over. */
  readonly counters: Counters;
  /** What may still come to nothing: unverified as long as it is open. Mostly in memory only, see {@link toRecord}. */
  readonly pending: Pending;
  readonly status: RangeStatus;
  /** Whatever began before is not held against the range. */
  readonly clearedAt: number;
}

/**
 * Open, or blocked, and after that on probation until it has shown good conversions. Times are
 * milliseconds since the epoch.
 */
export type RangeStatus = { readonly kind: "open"; readonly since: number } | Suspect;

export interface Suspect {
  readonly kind: "blocked" | "probation";
  readonly since: number;
  /** When the block ends, or ended. */
  readonly until: number;
  /** Blocks in a row, without good conversions between them. */
  readonly consecutiveBlocks: number;
  /** Approvals since the block began, or since it ended. */
  readonly approvals: number;
  /** The rule that blocked it last. */
  readonly because: Measure;
}

export const FRESH: RangeState = {
  counters: NOTHING,
  pending: NONE_PENDING,
  status: { kind: "open", since: 0 },
  clearedAt: 0,
};

/**
 * Brings the record to the present: a block that is over becomes probation, which starts with nothing held
 * against the range. The very same record comes back when nothing was due.
 */
export function advance(state: RangeState, now: number): RangeState {
  const { status: standing } = state;
  if (standing.kind !== "blocked" || now < standing.until) return state;
  return {
    ...withUnverifiedCleared(state, standing.until),
    status: { ...standing, kind: "probation", since: standing.until, approvals: 0 },
  };
}

/** Holds nothing against a range that began before a time, and keeps what was approved. */
export function withUnverifiedCleared(state: RangeState, at: number): RangeState {
  return { ...state, counters: clearUnverified(state.counters), pending: NONE_PENDING, clearedAt: at };
}

/** Opens a range. What is held against it stays, unless that is forgiven as well. */
export function open(state: RangeState, now: number): RangeState {
  return { ...state, status: { kind: "open", since: now } };
}

/** True when nothing is left that a decision could depend on. */
export function isForgotten({ counters, status: standing }: RangeState, now: number): boolean {
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
  if (state.status !== written.status) return true;
  // A handful of sends decides here, and they may be further apart than the object stays in memory.
  if (state.status.kind === "probation") return state !== written;
  const unverified = ({ counters }: RangeState) => within(counters, DAY_MS, now).unverified;
  const held = Math.min(unverified(written), QUIET_UNVERIFIED);
  return state.counters !== written.counters && unverified(state) > held;
}

/** What is written of it: open sends only where they decide, for they may be thousands. */
export function toRecord(state: RangeState): RangeState {
  return state.status.kind === "probation" ? state : { ...state, pending: NONE_PENDING };
}
