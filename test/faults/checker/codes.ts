import { MAX_ATTEMPTS } from "../environment/settings.ts";
import type { Call, History } from "../history.ts";
import { mayBeRight, type Sighting, type Trace, type Traces } from "./traces.ts";
import type { Violation } from "./violation.ts";

/** 1: a code is accepted at most once, and nothing that has closed changes any more. */
export function checkAcceptedOnce(traces: Traces): Violation[] {
  return traces.all.flatMap((trace) => {
    const about = { invariant: 1, number: trace.number, id: trace.id };
    const approvals = trace.attempts.filter(({ outcome }) => outcome === "approved");
    const found: Violation[] = [];
    if (approvals.length > 1)
      found.push({ ...about, description: `A code was accepted ${approvals.length} times` });
    const isApproved = [trace.final, ...trace.sightings.map(({ shown }) => shown)].some(
      (shown) => shown?.status === "approved",
    );
    const mayHaveApproved = trace.attempts.some(
      (attempt) =>
        (attempt.outcome === "unknown" || attempt.outcome === "approved") && mayBeRight(attempt, traces),
    );
    if (isApproved && !mayHaveApproved)
      found.push({ ...about, description: "Approved though nobody gave the code" });
    const reopened = changesAfterwards(trace.sightings, ({ shown }) =>
      shown.status === "pending" ? null : `${shown.status} ${shown.reason}`,
    );
    if (reopened !== null)
      found.push({ ...about, description: `Closed as ${reopened[0]}, then seen as ${reopened[1]}` });
    return found;
  });
}

/** 2: no attempt is ever given back, and every one is charged. */
export function checkAttemptsCharged(history: History, traces: Traces): Violation[] {
  const notFound = Map.groupBy(history.calls.filter(isMissing), ({ id }) => id);
  return traces.all.flatMap((trace) => {
    const about = { invariant: 2, number: trace.number, id: trace.id };
    const found: Violation[] = [];
    const rise = riseOf(trace.sightings);
    if (rise !== null) {
      found.push({ ...about, description: `attempts_remaining rose from ${rise[0]} to ${rise[1]}` });
    }
    const gone = firstMissing(trace, notFound.get(trace.id) ?? []);
    if (gone !== undefined)
      found.push({ ...about, description: `A ${gone.operation} did not find it any more` });
    const left = trace.attempts.flatMap(({ outcome, shown }) =>
      outcome === "wrong" || outcome === "approved" ? [shown?.attempts_remaining] : [],
    );
    if (new Set(left).size < left.length) {
      found.push({ ...about, description: `Attempts that cost nothing: each left ${left.join(", ")}` });
    }
    const most = MAX_ATTEMPTS[trace.purpose] ?? 0;
    if (left.length > most)
      found.push({ ...about, description: `${left.length} attempts were made, ${most} are allowed` });
    return found;
  });
}

/** What an answer has shown once is there for a day, whatever happens to the Worker. */
function firstMissing({ sightings }: Trace, notFound: readonly Call[]): Call | undefined {
  // A check by number shows something that looks like a verification where there is none.
  const sure = sightings.filter(({ call }) => call.operation !== "check" || call.id !== null);
  const firstSeen = Math.min(...sure.map(({ call }) => call.endedAt.order));
  return notFound.find(({ startedAt }) => startedAt.order > firstSeen);
}

function isMissing({ kind, operation, status }: Call): boolean {
  // A resend of what has closed is not found either.
  return kind === "lawful" && status === 404 && operation !== "resend";
}

/** The first value that an answer showed and a later call's answer did not; null values are not final yet. */
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
    least = Math.min(least, ...past.map((one) => one.shown.attempts_remaining));
    if (shown.attempts_remaining > least) return [least, shown.attempts_remaining];
  }
  return null;
}

/**
 * Each sighting as it was asked for, with those that had been answered by then and not before the one before.
 * A repeat under an idempotency key is told what was true at the time, and proves nothing.
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

/** The fewest attempts that lawful checks can have left by the time of a sighting. */
export function fewestLeft(trace: Trace, { call }: Sighting): number {
  const charged = trace.attempts.filter(
    (attempt) => attempt.outcome !== "idle" && attempt.call.startedAt.order < call.endedAt.order,
  );
  return Math.max(0, (MAX_ATTEMPTS[trace.purpose] ?? 0) - charged.length);
}
