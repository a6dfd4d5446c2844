import { MAX_ATTEMPTS } from "../environment/settings.ts";
import type { Call, History } from "../history.ts";
import { mayBeRight, type Sighting, type Trace, type Traces } from "./traces.ts";
import type { Violation } from "./violation.ts";

/** Invariant 1: a code is accepted at most once, and a closed verification does not change. */
export function checkAcceptedOnce(history: History, traces: Traces): Violation[] {
  const byCaller = new Set(history.calls.filter(mayHaveApproved).map(({ id }) => id));
  return traces.all.flatMap((trace) => {
    const about = { invariant: 1, number: trace.number, id: trace.id };
    const approvals = trace.attempts.filter(({ outcome }) => outcome === "approved");
    const found: Violation[] = [];
    if (approvals.length > 1)
      found.push({ ...about, description: `A code was accepted ${approvals.length} times` });
    const isApproved = [trace.final, ...trace.sightings.map(({ shown }) => shown)].some(
      (shown) => shown?.status === "approved",
    );
    const mayBeChecked = trace.attempts.some(
      (attempt) =>
        (attempt.outcome === "unknown" || attempt.outcome === "approved") && mayBeRight(attempt, traces),
    );
    if (isApproved && !mayBeChecked && !byCaller.has(trace.id))
      found.push({ ...about, description: "Approved without a check of the right code" });
    const reopened = changesAfterwards(trace.sightings, ({ shown }) =>
      shown.status === "pending" ? null : `${shown.status} ${shown.reason}`,
    );
    if (reopened !== null)
      found.push({ ...about, description: `Closed as ${reopened[0]}, then seen as ${reopened[1]}` });
    return found;
  });
}

/** An approval by the caller, also one without a response. */
function mayHaveApproved({ operation, kind, status }: Call): boolean {
  return operation === "approve" && kind === "valid" && (status === null || status < 300 || status >= 500);
}

/** Invariant 2: every attempt is charged, and none is given back. */
export function checkAttemptsCharged(history: History, traces: Traces): Violation[] {
  const notFound = Map.groupBy(history.calls.filter(isMissing), ({ id }) => id);
  return traces.all.flatMap((trace) => {
    const about = { invariant: 2, number: trace.number, id: trace.id };
    const found: Violation[] = [];
    const rise = riseOf(trace.sightings);
    if (rise !== null) {
      found.push({ ...about, description: `attempts_remaining rose from ${rise[0]} to ${rise[1]}` });
    }
    const missing = firstMissing(trace, notFound.get(trace.id) ?? []);
    if (missing !== undefined)
      found.push({ ...about, description: `A ${missing.operation} no longer found it` });
    const left = trace.attempts.flatMap(({ outcome, shown }) =>
      shown !== null && (outcome === "wrong" || outcome === "approved") ? [shown.attempts_remaining] : [],
    );
    if (new Set(left).size < left.length) {
      found.push({ ...about, description: `Attempts that were not charged: they left ${left.join(", ")}` });
    }
    const most = MAX_ATTEMPTS[trace.purpose] ?? 0;
    if (left.length > most)
      found.push({ ...about, description: `${left.length} attempts were made, ${most} are allowed` });
    return found;
  });
}

/** A verification that a response has shown can be read for a day. */
function firstMissing({ sightings }: Trace, notFound: readonly Call[]): Call | undefined {
  // A check by number shows a decoy when there is no verification.
  const sure = sightings.filter(({ call }) => call.operation !== "check" || call.id !== null);
  const firstSeen = Math.min(...sure.map(({ call }) => call.endedAt.order));
  return notFound.find(({ startedAt }) => startedAt.order > firstSeen);
}

function isMissing({ kind, operation, status }: Call): boolean {
  // A resend of a closed verification also responds 404.
  return kind === "valid" && status === 404 && operation !== "resend";
}

/** The first value that a response showed and the response to a later request did not. Null: not final yet. */
function changesAfterwards(
  sightings: readonly Sighting[],
  read: (sighting: Sighting) => string | null,
): readonly [string, string | null] | null {
  let known: string | null = null;
  for (const [sighting, past] of inOrder(sightings)) {
    known ??= past.map(read).find((value) => value !== null) ?? null;
    const value = read(sighting);
    if (known !== null && value !== known) return [known, value];
  }
  return null;
}

function riseOf(sightings: readonly Sighting[]): readonly [number, number] | null {
  let least = Number.POSITIVE_INFINITY;
  for (const [{ shown }, past] of inOrder(sightings)) {
    least = Math.min(least, ...past.map((sighting) => sighting.shown.attempts_remaining));
    if (shown.attempts_remaining > least) return [least, shown.attempts_remaining];
  }
  return null;
}

/**
 * Each sighting in the order of requests, with those that were answered between the previous request and this one.
 * Leaves out requests with an idempotency key: a repeat repeats the first response.
 */
function* inOrder(sightings: readonly Sighting[]): Generator<readonly [Sighting, readonly Sighting[]]> {
  const fresh = sightings.filter(({ call }) => call.idempotencyKey === null);
  const byAnswer = fresh.toSorted((a, b) => a.call.endedAt.order - b.call.endedAt.order);
  let seen = 0;
  for (const sighting of fresh.toSorted((a, b) => a.call.startedAt.order - b.call.startedAt.order)) {
    const from = seen;
    const startedAt = sighting.call.startedAt.order;
    while ((byAnswer[seen]?.call.endedAt.order ?? startedAt) < startedAt) seen += 1;
    yield [sighting, byAnswer.slice(from, seen)];
  }
}

/** The fewest attempts that valid checks can have left at the time of a sighting. */
export function fewestLeft(trace: Trace, { call }: Sighting): number {
  const charged = trace.attempts.filter(
    (attempt) => attempt.outcome !== "idle" && attempt.call.startedAt.order < call.endedAt.order,
  );
  return Math.max(0, (MAX_ATTEMPTS[trace.purpose] ?? 0) - charged.length);
}
