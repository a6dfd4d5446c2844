import type { Call, History } from "../history.ts";
import { type Attempt, mayBeRight, type Traces } from "./traces.ts";
import type { Violation } from "./violation.ts";

/** NIST SP 800-63B-4, section 3.2.2: growing delays from ten consecutive failures on. */
export const FAILURES_BEFORE_DELAY = 10;
const FIRST_DELAY_MS = 30_000;
const LONGEST_DELAY_MS = 3_600_000;
/** The difference between the clocks of two processes. */
const MARGIN_MS = 500;

/** Invariant 3: only a success resets the consecutive failures; after ten, requests fail until the delay ends. */
export function checkFailuresCounted(history: History, traces: Traces): Violation[] {
  const valid = Map.groupBy(history.calls.filter(isWork), ({ number }) => number);
  const unlocks = Map.groupBy(history.calls.filter(mayHaveUnlocked), ({ number }) => number);
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
    successes.push(...(unlocks.get(number) ?? []));
    return (valid.get(number) ?? []).flatMap((call) => {
      const count = failuresBefore(call, failures, successes);
      if (count === null || !hasWorked(call)) return [];
      const description = `${call.operation} went through after ${count} failures in a row on its number`;
      return [{ invariant: 3, description, number, id: call.id ?? "" }];
    });
  });
}

/** The number of failures that locked the number during the whole call; null when it may have been open. */
function failuresBefore(call: Call, failures: readonly Call[], successes: readonly Call[]): number | null {
  const reset = Math.max(
    0,
    ...successes
      .filter((success) => success !== call && success.startedAt.order < call.endedAt.order)
      .map(({ endedAt }) => endedAt.order),
  );
  const counted = failures.filter(
    ({ startedAt, endedAt }) => startedAt.order > reset && endedAt.order < call.startedAt.order,
  );
  if (counted.length < FAILURES_BEFORE_DELAY) return null;
  // The lock cannot have begun before the last of them was sent.
  const lockedFrom = Math.max(...counted.map(({ startedAt }) => startedAt.ms));
  const delay = Math.min(FIRST_DELAY_MS * 2 ** (counted.length - FAILURES_BEFORE_DELAY), LONGEST_DELAY_MS);
  return call.endedAt.ms < lockedFrom + delay - MARGIN_MS ? counted.length : null;
}

/** For each exhausted verification, one of the checks that found it exhausted, as the failure that exhausted it. */
function exhausting(attempts: readonly Attempt[]): Call[] {
  const byId = Map.groupBy(
    attempts.filter(({ outcome }) => outcome === "exhausted"),
    ({ call, shown }) => shown?.id ?? call.id,
  );
  return [...byId.values()].flatMap((found) => {
    const last = found.toSorted((a, b) => a.call.endedAt.order - b.call.endedAt.order).at(-1);
    // A check without a response may have been the last charged attempt.
    return last === undefined || attempts.some(({ outcome }) => outcome === "unknown") ? [] : [last.call];
  });
}

/** An operator's unlock counts as a success, also one without a response. */
function mayHaveUnlocked({ operation, status }: Call): boolean {
  return operation === "unlock" && (status === null || status < 300 || status >= 500);
}

function isWork({ operation, kind, idempotencyKey }: Call): boolean {
  return kind === "valid" && idempotencyKey === null && ["start", "resend", "check"].includes(operation);
}

/** Whether a call had an effect. A check of a closed verification reports its state even while locked. */
function hasWorked({ operation, status, shown: [shown] }: Call): boolean {
  if (status === null || status >= 300 || shown === undefined) return false;
  return operation !== "check" || shown.valid === true || shown.status === "pending";
}
