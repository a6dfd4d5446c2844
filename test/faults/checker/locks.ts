import type { Call, History } from "../history.ts";
import { type Attempt, mayBeRight, type Traces } from "./traces.ts";
import type { Violation } from "./violation.ts";

/** NIST SP 800-63B-4 section 3.2.2 as the architecture has it: from ten failures in a row on, growing delays. */
const FAILURES_BEFORE_DELAY = 10;
const FIRST_DELAY_MS = 30_000;
const LONGEST_DELAY_MS = 3_600_000;
/** Two clocks' readings of the same moment. */
const MARGIN_MS = 500;

/** 3: only a success resets a number's failures, so that nothing goes after ten of them until the delay is over. */
export function checkFailuresCounted(history: History, traces: Traces): Violation[] {
  const lawful = Map.groupBy(history.calls.filter(isWork), ({ number }) => number);
  return [...traces.attemptsOn].flatMap(([number, attempts]) => {
    const failures = attempts.filter(({ outcome }) => outcome === "wrong").map(({ call }) => call);
    if (failures.length < FAILURES_BEFORE_DELAY - 2) return [];
    failures.push(...exhausting(attempts));
    const successes = attempts
      .filter(
        (attempt) =>
          attempt.outcome === "approved" || (attempt.outcome === "unknown" && mayBeRight(attempt, traces)),
      )
      .map(({ call }) => call);
    return (lawful.get(number) ?? []).flatMap((call) => {
      const count = failuresBefore(call, failures, successes);
      if (count === null || !hasWorked(call)) return [];
      const description = `${call.operation} went through after ${count} failures in a row on its number`;
      return [{ invariant: 3, description, number, id: call.id ?? "" }];
    });
  });
}

/** How many failures lock the number for as long as the call takes; null where it may have been open. */
function failuresBefore(call: Call, failures: readonly Call[], successes: readonly Call[]): number | null {
  const reset = Math.max(
    0,
    ...successes
      .filter((one) => one !== call && one.startedAt.order < call.endedAt.order)
      .map(({ endedAt }) => endedAt.order),
  );
  const counted = failures.filter(
    ({ startedAt, endedAt }) => startedAt.order > reset && endedAt.order < call.startedAt.order,
  );
  if (counted.length < FAILURES_BEFORE_DELAY) return null;
  // The last of them was decided no earlier than any of them was asked.
  const lockedFrom = Math.max(...counted.map(({ startedAt }) => startedAt.ms));
  const delay = Math.min(FIRST_DELAY_MS * 2 ** (counted.length - FAILURES_BEFORE_DELAY), LONGEST_DELAY_MS);
  return call.endedAt.ms < lockedFrom + delay - MARGIN_MS ? counted.length : null;
}

/** Of the checks that found a verification exhausted, the one that exhausted it: which of them it was matters not. */
function exhausting(attempts: readonly Attempt[]): Call[] {
  const byId = Map.groupBy(
    attempts.filter(({ outcome }) => outcome === "exhausted"),
    ({ shown }) => shown?.id,
  );
  return [...byId.values()].flatMap((found) => {
    const last = found.toSorted((a, b) => a.call.endedAt.order - b.call.endedAt.order).at(-1);
    // Where a check got no answer, that one may have been the last to be charged.
    return last === undefined || attempts.some(({ outcome }) => outcome === "unknown") ? [] : [last.call];
  });
}

function isWork({ operation, kind, idempotencyKey }: Call): boolean {
  return kind === "lawful" && idempotencyKey === null && ["start", "resend", "check"].includes(operation);
}

/** A closed verification says so to everybody, locked or not. */
function hasWorked({ operation, status, shown: [shown] }: Call): boolean {
  if (status === null || status >= 300 || shown === undefined) return false;
  return operation !== "check" || shown.valid === true || shown.status === "pending";
}
