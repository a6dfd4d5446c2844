import type { JobOutcome } from "../notification.ts";
import {
  type BatchState,
  type CountedError,
  heardNothing,
  heardOf,
  inFlight,
  isOpen,
  ordinalsOf,
  PATIENCE_MS,
  type RecipientState,
} from "./batch-state.ts";

/** What came of a recipient's turn. */
export interface Result {
  readonly ordinal: number;
  readonly outcome: JobOutcome;
}

/** The next recipients for the queue; none while it still has more than half of what it may have. */
export function nextPortion(state: BatchState): readonly number[] {
  const room = state.ahead - inFlight(state);
  if (state.status !== "running" || room * 2 < state.ahead) return [];
  return state.recipients
    .flatMap((recipient, ordinal) => (recipient === "waiting" ? [ordinal] : []))
    .slice(0, room);
}

/** The queue has them. Those that were paused, taken or canceled meanwhile stay what they are. */
export function enqueued(state: BatchState, ordinals: readonly number[], now: number): BatchState {
  if (state.status !== "running") return state;
  return { ...move(state, ordinals, ["waiting"], "enqueued"), overdueAt: now + state.patienceMs };
}

/**
 * Somebody has these from the queue: which may go out? One that was taken before may in any case, for only
 * its recipient's object knows whether it has gone out; asking there once more sends nothing twice.
 */
export function stillWanted(state: BatchState, ordinals: readonly number[]): readonly number[] {
  return ordinals.filter((ordinal) => {
    const recipient = state.recipients[ordinal];
    return state.status === "running" ? isOpen(recipient) : recipient === "sending";
  });
}

/** These, which are wanted, are about to go out. */
export function take(state: BatchState, ordinals: readonly number[], now: number): BatchState {
  if (ordinals.length === 0) return state;
  return { ...move(state, ordinals, ["waiting", "enqueued"], "sending"), ...heardOf(now) };
}

/** What became of those that were taken. */
export function record(state: BatchState, results: readonly Result[], now: number): BatchState {
  const recipients = [...state.recipients];
  let { errors } = state;
  let delayMs = 0;
  for (const { ordinal, outcome } of results) {
    const former = recipients[ordinal];
    if (former === undefined || !isOpen(former)) continue;
    if (outcome.kind === "later") {
      delayMs = Math.max(delayMs, outcome.delaySeconds * 1000);
      recipients[ordinal] = untaken(state);
    } else {
      recipients[ordinal] = outcome.kind;
      if (outcome.kind === "failed") errors = counted(errors, { ...outcome.error, count: 1 });
    }
  }
  return settled({ ...state, recipients, errors, ...heardOf(now + delayMs) }, now);
}

/** What is in the queue goes nowhere, and waits; what was taken goes out. */
export function pause(state: BatchState): BatchState {
  if (state.status !== "running") return state;
  return { ...move(state, all(state), ["enqueued"], "waiting"), status: "paused" };
}

export function resume(state: BatchState, now: number): BatchState {
  return state.status === "paused" ? { ...state, status: "running", ...heardOf(now) } : state;
}

/** Nothing goes out any more, but what was taken. */
export function cancel(state: BatchState, now: number): BatchState {
  if (state.status !== "running" && state.status !== "paused") return state;
  return settled(
    { ...move(state, all(state), ["waiting", "enqueued"], "canceled"), status: "canceled" },
    now,
  );
}

/** The batch's time is over, also for what was taken and never heard of again. */
export function giveUp(state: BatchState, now: number): BatchState {
  if (state.finishedAt !== null) return state;
  return settled(
    { ...move(state, all(state), ["waiting", "enqueued", "sending"], "canceled"), status: "canceled" },
    now,
  );
}

/**
 * Nothing has been heard for longer than messages wait in their line (`lineMs`), while all senders rest or other
 * batches are before this one: the queue has lost what it had. What nobody took waits again; what somebody took
 * they may have died with after the send or before it, which its recipient's object knows, so it is to be fed
 * `again`.
 */
export function silent(
  state: BatchState,
  lineMs: number,
  now: number,
): { readonly state: BatchState; readonly again: readonly number[] } {
  if (lineMs >= state.patienceMs) {
    const patienceMs = lineMs + PATIENCE_MS;
    return { state: { ...state, patienceMs, overdueAt: now + lineMs }, again: [] };
  }
  const waiting = move(state, all(state), ["enqueued"], "waiting");
  return { state: { ...waiting, ...heardNothing(state, now) }, again: ordinalsOf(state, "sending") };
}

function all({ recipients }: BatchState): readonly number[] {
  return [...recipients.keys()];
}

function move(
  state: BatchState,
  ordinals: readonly number[],
  from: readonly RecipientState[],
  to: RecipientState,
): BatchState {
  const recipients = [...state.recipients];
  for (const ordinal of ordinals) {
    const former = recipients[ordinal];
    if (former !== undefined && from.includes(former)) recipients[ordinal] = to;
  }
  return { ...state, recipients };
}

/** What the queue is to bring again is where it was before it was taken. */
function untaken({ status }: BatchState): RecipientState {
  return status === "running" ? "enqueued" : status === "paused" ? "waiting" : "canceled";
}

function settled(state: BatchState, now: number): BatchState {
  if (state.finishedAt !== null || state.recipients.some(isOpen)) return state;
  return { ...state, status: state.status === "canceled" ? "canceled" : "done", finishedAt: now };
}

function counted(errors: readonly CountedError[], error: CountedError): readonly CountedError[] {
  const index = errors.findIndex(({ code }) => code === error.code);
  const known = errors[index];
  return known === undefined ? [...errors, error] : errors.with(index, { ...known, count: known.count + 1 });
}
