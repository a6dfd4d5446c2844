import type { Call, History } from "../history.ts";
import { type Attempt, mayBeRight, type Stories } from "./stories.ts";
import type { Violation } from "./violation.ts";

/** NIST SP 800-63B-4 section 3.2.2 as the architecture has it: from ten failures in a row on, growing delays. */
const FAILURES_BEFORE_DELAY = 10;
const FIRST_DELAY_MS = 30_000;
const LONGEST_DELAY_MS = 3_600_000;
/** Two clocks' readings of the same moment. */
const MARGIN_MS = 500;

/** 3: only a success resets a number's failures, so that nothing goes after ten of them until the delay is over. */
export function failuresCounted(history: History, stories: Stories): Violation[] {
  const lawful = Map.groupBy(history.calls.filter(isWork), ({ number }) => number);
  return [...stories.attemptsOn].flatMap(([number, attempts]) => {
    const failures = attempts.filter(({ fate }) => fate === "wrong").map(({ call }) => call);
    if (failures.length < FAILURES_BEFORE_DELAY - 2) return [];
    failures.push(...exhausting(attempts));
    const successes = attempts
      .filter(
        (attempt) =>
          attempt.fate === "approved" || (attempt.fate === "unknown" && mayBeRight(attempt, stories)),
      )
      .map(({ call }) => call);
    return (lawful.get(number) ?? []).flatMap((call) => {
      const count = failuresBefore(call, failures, successes);
      if (count === null || !hasWorked(call)) return [];
      const says = `${call.verb} went through after ${count} failures in a row on its number`;
      return [{ invariant: 3, says, number, id: call.id ?? "" }];
    });
  });
}

/** How many failures lock the number for as long as the call takes; null where it may have been open. */
function failuresBefore(call: Call, failures: readonly Call[], successes: readonly Call[]): number | null {
  const reset = Math.max(
    0,
    ...successes
      .filter((one) => one !== call && one.asked.order < call.over.order)
      .map(({ over }) => over.order),
  );
  const counted = failures.filter(({ asked, over }) => asked.order > reset && over.order < call.asked.order);
  if (counted.length < FAILURES_BEFORE_DELAY) return null;
  // The last of them was decided no earlier than any of them was asked.
  const lockedFrom = Math.max(...counted.map(({ asked }) => asked.ms));
  const delay = Math.min(FIRST_DELAY_MS * 2 ** (counted.length - FAILURES_BEFORE_DELAY), LONGEST_DELAY_MS);
  return call.over.ms < lockedFrom + delay - MARGIN_MS ? counted.length : null;
}

/** Of the checks that found a verification exhausted, the one that exhausted it: which of them it was matters not. */
function exhausting(attempts: readonly Attempt[]): Call[] {
  const byId = Map.groupBy(
    attempts.filter(({ fate }) => fate === "exhausted"),
    ({ shown }) => shown?.id,
  );
  return [...byId.values()].flatMap((found) => {
    const last = found.toSorted((a, b) => a.call.over.order - b.call.over.order).at(-1);
    // Where a check got no answer, that one may have been the last to be charged.
    return last === undefined || attempts.some(({ fate }) => fate === "unknown") ? [] : [last.call];
  });
}

function isWork({ verb, manner, idempotencyKey }: Call): boolean {
  return manner === "lawful" && idempotencyKey === null && ["start", "resend", "check"].includes(verb);
}

/** A closed verification says so to everybody, locked or not. */
function hasWorked({ verb, status, shown: [shown] }: Call): boolean {
  if (status === null || status >= 300 || shown === undefined) return false;
  return verb !== "check" || shown.valid === true || shown.status === "pending";
}
