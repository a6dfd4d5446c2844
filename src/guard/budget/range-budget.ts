import type { PhoneNumberName } from "../../ids/phone-number-name.ts";
import { MINUTE_MS } from "../../platform/time.ts";
import { add, type Counts } from "./counters.ts";
import {
  type CountryPressure,
  findBreach,
  type Measure,
  probationMeasure,
  rangeMeasures,
} from "./measures.ts";
import { addPending, removePending } from "./pending.ts";
import { advance, open, type RangeState, type Suspect, withUnverifiedCleared } from "./range-state.ts";
import type { BudgetSettings } from "./settings.ts";

/** What one "I didn't request a code" weighs. */
const SENDS_PER_DENIAL = 5;

export type Verdict = { readonly kind: "allow" } | Block;

/** `would_block` in `record_only`: the message goes out all the same. */
export interface Block extends Measure {
  readonly kind: "block" | "would_block";
  readonly retryAfterMs: number;
  /** Blocks in a row, this one included. */
  readonly consecutiveBlocks: number;
}

/** A verification that is over, as its range learns of it. */
export interface RangeClosing {
  readonly name: PhoneNumberName;
  /** How many messages it took, over whatever channel. */
  readonly sends: number;
  readonly approved: boolean;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

type Decision = { readonly state: RangeState; readonly verdict: Verdict };

/**
 * May another message go to this range? What goes out is pending with the answer, and what is refused by a
 * block that stands already leaves everything as it was. With the mode `off` nobody asks.
 */
export function evaluateRange(
  before: RangeState,
  name: PhoneNumberName,
  settings: BudgetSettings,
  country: CountryPressure,
  now: number,
): Decision {
  const current = advance(before, now);
  const state = current.status.kind === "blocked" ? current : judge(current, settings, country, now);
  const { status: standing } = state;
  const sent = () => ({ ...state, pending: addPending(state.pending, name, 1, now) });
  if (standing.kind !== "blocked") return { state: sent(), verdict: { kind: "allow" } };

  const { because, consecutiveBlocks: strikes, until } = standing;
  const refused = settings.mode === "enforce";
  const kind = refused ? "block" : "would_block";
  return {
    state: refused ? state : sent(),
    verdict: { ...because, kind, consecutiveBlocks: strikes, retryAfterMs: until - now },
  };
}

/**
 * Tells of a verification that is over. Of an approved one all messages are good, or each resend would look
 * like fraud; enough of them open a blocked range at once.
 */
export function settle(
  before: RangeState,
  { name, sends, approved, startedAt }: RangeClosing,
  settings: BudgetSettings,
  now: number,
): RangeState {
  const current = advance(before, now);
  const closed = { ...current, pending: removePending(current.pending, name, sends, now) };
  if (!approved && startedAt < closed.clearedAt) return closed;
  const state = count(closed, { sends, approvals: approved ? sends : 0 }, now);
  const { status: standing } = state;
  if (!approved || standing.kind === "open") return state;
  const suspect = { ...standing, approvals: standing.approvals + 1 };
  return hasProven(state, suspect, settings, now) ? open(state, now) : { ...state, status: suspect };
}

/** A message that was let go did not go out after all. */
export function refund(before: RangeState, name: PhoneNumberName, now: number): RangeState {
  const state = advance(before, now);
  return { ...state, pending: addPending(state.pending, name, -1, now) };
}

/** Somebody here asked for no code: that counts as so many messages that came to nothing. */
export function recordComplaint(before: RangeState, now: number): RangeState {
  return count(advance(before, now), { sends: SENDS_PER_DENIAL, approvals: 0 }, now);
}

/** An operator's word: the range is open, nothing is held against it, and what was approved stays known. */
export function unblock(before: RangeState, now: number): RangeState {
  return open(withUnverifiedCleared(before, now), now);
}

function judge(
  state: RangeState,
  settings: BudgetSettings,
  country: CountryPressure,
  now: number,
): RangeState {
  const { status: standing } = state;
  const measures =
    standing.kind === "open"
      ? rangeMeasures(state, settings, country, now)
      : [probationMeasure(state, settings, standing.approvals, now)];
  const because = findBreach(measures);
  if (because === null) return state;
  const strikes = standing.kind === "open" ? 1 : standing.consecutiveBlocks + 1;
  const minutes = settings.blockMinutes[strikes - 1] ?? settings.blockMinutes.at(-1) ?? 0;
  // Approvals of probes that are still on their way count for the range they prove good.
  const approvals = standing.kind === "open" ? 0 : standing.approvals;
  const until = now + minutes * MINUTE_MS;
  return {
    ...state,
    status: { kind: "blocked", since: now, until, consecutiveBlocks: strikes, approvals, because },
  };
}

/** Half of every limit, and not the limit itself: an open range must not be blocked again by the next send. */
function hasProven(state: RangeState, suspect: Suspect, settings: BudgetSettings, now: number): boolean {
  if (suspect.approvals < settings.reopenAfterApprovals) return false;
  const wasOnProbation = suspect.kind === "probation" || suspect.consecutiveBlocks > 1;
  const measures = wasOnProbation
    ? [probationMeasure(state, settings, suspect.approvals, now)]
    : rangeMeasures(state, settings, "normal", now);
  return measures.every(({ unverified, limit }) => unverified <= limit / 2);
}

function count(state: RangeState, counts: Counts, now: number): RangeState {
  return { ...state, counters: add(state.counters, counts, now) };
}
