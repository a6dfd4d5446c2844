import type { PhoneNumberName } from "../../ids/phone-number-name.ts";
import { MINUTE_MS } from "../../platform/time.ts";
import type { BudgetSettings } from "../settings.ts";
import { add, addPending, type Counts, removePending } from "./counters.ts";
import {
  type CountryPressure,
  findBreach,
  type Measure,
  probationMeasure,
  rangeMeasures,
} from "./measures.ts";
import { advance, open, type RangeState, type Suspect, withUnverifiedCleared } from "./range-state.ts";

/** How many unverified sends one "I didn't request a code" counts as. */
const SENDS_PER_DENIAL = 5;

export type Verdict = { readonly kind: "allow" } | Block;

/** `would_block` in the mode `record_only`, in which the message is sent. */
export interface Block extends Measure {
  readonly kind: "block" | "would_block";
  readonly retryAfterMs: number;
  /** Blocks in a row, this one included. */
  readonly consecutiveBlocks: number;
}

/** A closed verification, with what its range needs of it. */
export interface RangeClosing {
  readonly name: PhoneNumberName;
  /** How many messages it sent, over any channel. */
  readonly sends: number;
  readonly approved: boolean;
  /** False where its sends were not counted while it was open. */
  readonly wasPending: boolean;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

type Decision = { readonly state: RangeState; readonly verdict: Verdict };

/**
 * Decides whether another message may go to the range. An allowed send becomes pending; a refusal during a block
 * leaves the state unchanged. Not called in the mode `off`.
 *
 * @param name Null for a send that is not counted.
 */
export function evaluateRange(
  before: RangeState,
  name: PhoneNumberName | null,
  settings: BudgetSettings,
  country: CountryPressure,
  now: number,
): Decision {
  const current = advance(before, now);
  const state = current.status.kind === "blocked" ? current : judge(current, settings, country, now);
  const { status } = state;
  const sent = () => (name === null ? state : { ...state, pending: addPending(state.pending, name, 1, now) });
  if (status.kind !== "blocked") return { state: sent(), verdict: { kind: "allow" } };

  const { because, consecutiveBlocks, until } = status;
  const refused = settings.mode === "enforce";
  const kind = refused ? "block" : "would_block";
  return {
    state: refused ? state : sent(),
    verdict: { ...because, kind, consecutiveBlocks, retryAfterMs: until - now },
  };
}

/**
 * Counts a closed verification. All messages of an approved one count as verified, or each resend would look
 * like fraud. Enough approvals open a blocked range at once.
 */
export function settle(
  before: RangeState,
  { name, sends, approved, wasPending, startedAt }: RangeClosing,
  settings: BudgetSettings,
  now: number,
): RangeState {
  const current = advance(before, now);
  const pending = wasPending ? removePending(current.pending, name, sends, now) : current.pending;
  const closed = { ...current, pending };
  if (!approved && startedAt < closed.clearedAt) return closed;
  const state = count(closed, { sends, approvals: approved ? sends : 0 }, now);
  const { status } = state;
  if (!approved || status.kind === "open") return state;
  const suspect = { ...status, approvals: status.approvals + 1 };
  return hasRecovered(state, suspect, settings, now) ? open(state, now) : { ...state, status: suspect };
}

/** Takes back a send that was allowed and then not made. */
export function refund(before: RangeState, name: PhoneNumberName, now: number): RangeState {
  const state = advance(before, now);
  return { ...state, pending: addPending(state.pending, name, -1, now) };
}

/** Counts the report of a number's owner that they requested no code. */
export function recordComplaint(before: RangeState, now: number): RangeState {
  return count(advance(before, now), { sends: SENDS_PER_DENIAL, approvals: 0 }, now);
}

/** Opens the range for an operator, without unverified sends. Approvals stay. */
export function unblock(before: RangeState, now: number): RangeState {
  return open(withUnverifiedCleared(before, now), now);
}

function judge(
  state: RangeState,
  settings: BudgetSettings,
  country: CountryPressure,
  now: number,
): RangeState {
  const { status } = state;
  const measures =
    status.kind === "open"
      ? rangeMeasures(state, settings, country, now)
      : [probationMeasure(state, settings, status.approvals, now)];
  const because = findBreach(measures);
  if (because === null) return state;
  const consecutiveBlocks = status.kind === "open" ? 1 : status.consecutiveBlocks + 1;
  const minutes = settings.blockMinutes[consecutiveBlocks - 1] ?? settings.blockMinutes.at(-1) ?? 0;
  // Probes that are still open may be approved during the block: then the approvals of both count together.
  const approvals = status.kind === "open" ? 0 : status.approvals;
  const until = now + minutes * MINUTE_MS;
  return {
    ...state,
    status: { kind: "blocked", since: now, until, consecutiveBlocks, approvals, because },
  };
}

/** Requires half of every limit, not the limit itself, so that the next send does not block the range again. */
function hasRecovered(state: RangeState, suspect: Suspect, settings: BudgetSettings, now: number): boolean {
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
