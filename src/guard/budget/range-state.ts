import { DAY_MS } from "../../platform/time.ts";
import {
  type Counters,
  clearUnverified,
  isSilent,
  NONE_PENDING,
  NOTHING,
  type Pending,
  within,
} from "./counters.ts";
import type { Measure } from "./measures.ts";

/** The state of one range. Its counters and its 10,000 numbers bound its size. */
export interface RangeState {
  /** Counts of closed verifications. */
  readonly counters: Counters;
  /** Sends of open verifications, which count as unverified. Mostly in memory only, see {@link toRecord}. */
  readonly pending: Pending;
  readonly status: RangeStatus;
  /** Unverified sends of verifications that began before this time do not count. */
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
  /** Blocks in a row, without a good conversion between them. */
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
 * Advances the state to a time: a block that is over becomes probation, which starts without unverified sends.
 * Returns the same object when nothing was due.
 */
export function advance(state: RangeState, now: number): RangeState {
  const { status } = state;
  if (status.kind !== "blocked" || now < status.until) return state;
  return {
    ...withUnverifiedCleared(state, status.until),
    status: { ...status, kind: "probation", since: status.until, approvals: 0 },
  };
}

/** Clears the unverified sends of verifications that began before a time, and keeps approvals. */
export function withUnverifiedCleared(state: RangeState, at: number): RangeState {
  return { ...state, counters: clearUnverified(state.counters), pending: NONE_PENDING, clearedAt: at };
}

/** Opens a range. Its unverified sends stay, unless they are cleared as well. */
export function open(state: RangeState, now: number): RangeState {
  return { ...state, status: { kind: "open", since: now } };
}

/** True when no decision can depend on the state any more. */
export function isForgotten({ counters, status }: RangeState, now: number): boolean {
  return isSilent(counters, now) && (status.kind === "open" || now >= status.until);
}

/** With no more unverified sends than these within a day, no limit depends on the approvals. */
const QUIET_UNVERIFIED = 2;

/**
 * Whether a change has to survive the memory of the range's object, at the cost of a written row. Unverified
 * sends always have to; approvals only where there are enough unverified sends to matter. The approvals of a
 * quiet range wait for its next row, and are lost if the object leaves memory first, where no decision would
 * have needed them. Open sends are lost too, but each verification closes, and its end is reported then.
 */
export function isWorthARow(written: RangeState, state: RangeState, now: number): boolean {
  if (state.status !== written.status) return true;
  // On probation a few sends decide, and the object may leave memory between them.
  if (state.status.kind === "probation") return state !== written;
  const unverified = ({ counters }: RangeState) => within(counters, DAY_MS, now).unverified;
  const writtenUnverified = Math.min(unverified(written), QUIET_UNVERIFIED);
  return state.counters !== written.counters && unverified(state) > writtenUnverified;
}

/** The part of the state that is stored. Open sends, of which there may be thousands, only where they decide. */
export function toRecord(state: RangeState): RangeState {
  return state.status.kind === "probation" ? state : { ...state, pending: NONE_PENDING };
}
