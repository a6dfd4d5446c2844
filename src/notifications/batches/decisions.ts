import type { JobOutcome } from "../notification.ts";
import {
  type BatchState,
  type CountedError,
  extendDeadline,
  inFlight,
  isOpen,
  ordinalsOf,
  PATIENCE_MS,
  type RecipientState,
  resetDeadline,
} from "./batch-state.ts";

/** The result of a taken recipient. */
export interface Result {
  readonly ordinal: number;
  readonly outcome: JobOutcome;
}

/** The next recipients to enqueue; none while the queue holds more than half of its maximum. */
export function nextToEnqueue(state: BatchState): readonly number[] {
  const room = state.ahead - inFlight(state);
  if (state.status !== "running" || room * 2 < state.ahead) return [];
  return state.recipients
    .flatMap((recipient, ordinal) => (recipient === "waiting" ? [ordinal] : []))
    .slice(0, room);
}

/** Marks recipients as enqueued, except those that were paused, taken or canceled meanwhile. */
export function enqueued(state: BatchState, ordinals: readonly number[], now: number): BatchState {
  if (state.status !== "running") return state;
  return { ...move(state, ordinals, ["waiting"], "enqueued"), overdueAt: now + state.patienceMs };
}

/**
 * Which of these recipients a consumer may send. One that was taken before is allowed in any case, because
 * only its contact object knows whether it was sent; asking there again sends nothing twice.
 */
export function sendable(state: BatchState, ordinals: readonly number[]): readonly number[] {
  return ordinals.filter((ordinal) => {
    const recipient = state.recipients[ordinal];
    return state.status === "running" ? isOpen(recipient) : recipient === "sending";
  });
}

/** Marks recipients as being sent. */
export function take(state: BatchState, ordinals: readonly number[], now: number): BatchState {
  if (ordinals.length === 0) return state;
  return { ...move(state, ordinals, ["waiting", "enqueued"], "sending"), ...resetDeadline(now) };
}

/** Records the results of taken recipients. */
export function record(state: BatchState, results: readonly Result[], now: number): BatchState {
  const recipients = [...state.recipients];
  let { errors } = state;
  let delayMs = 0;
  for (const { ordinal, outcome } of results) {
    const former = recipients[ordinal];
    if (former === undefined || !isOpen(former)) continue;
    if (outcome.kind === "later") {
      delayMs = Math.max(delayMs, outcome.delaySeconds * 1000);
      recipients[ordinal] = stateBeforeTake(state);
    } else {
      recipients[ordinal] = outcome.kind;
      if (outcome.kind === "failed") errors = counted(errors, { ...outcome.error, count: 1 });
    }
  }
  return settled({ ...state, recipients, errors, ...resetDeadline(now + delayMs) }, now);
}

/** Pauses the batch: enqueued recipients wait again, taken ones are still sent. */
export function pause(state: BatchState): BatchState {
  if (state.status !== "running") return state;
  return { ...move(state, all(state), ["enqueued"], "waiting"), status: "paused" };
}

export function resume(state: BatchState, now: number): BatchState {
  return state.status === "paused" ? { ...state, status: "running", ...resetDeadline(now) } : state;
}

/** Cancels the batch; taken recipients are still sent. */
export function cancel(state: BatchState, now: number): BatchState {
  if (state.status !== "running" && state.status !== "paused") return state;
  return settled(
    { ...move(state, all(state), ["waiting", "enqueued"], "canceled"), status: "canceled" },
    now,
  );
}

/** Expires the batch, including taken recipients without a result. */
export function expire(state: BatchState, now: number): BatchState {
  if (state.finishedAt !== null) return state;
  return settled(
    { ...move(state, all(state), ["waiting", "enqueued", "sending"], "canceled"), status: "canceled" },
    now,
  );
}

/**
 * Handles a time without progress. While messages wait longer for their slots (`backlogMs`) than the
 * deadline, it is extended. Otherwise the queue has lost its messages: enqueued recipients wait again, and
 * taken ones, whose consumer may have failed before or after the send, are enqueued again (`lost`); their
 * contact objects know what was sent.
 */
export function requeueAfterNoProgress(
  state: BatchState,
  backlogMs: number,
  now: number,
): { readonly state: BatchState; readonly lost: readonly number[] } {
  if (backlogMs >= state.patienceMs) {
    const patienceMs = backlogMs + PATIENCE_MS;
    return { state: { ...state, patienceMs, overdueAt: now + backlogMs }, lost: [] };
  }
  const waiting = move(state, all(state), ["enqueued"], "waiting");
  return { state: { ...waiting, ...extendDeadline(state, now) }, lost: ordinalsOf(state, "sending") };
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

/** The state of a recipient whose message is to be retried. */
function stateBeforeTake({ status }: BatchState): RecipientState {
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
