import { SENDS_PER_DAY } from "../environment/settings.ts";
import type { Call, History } from "../history.ts";
import { isForbiddenNumber } from "../people.ts";
import { FAILURES_BEFORE_DELAY } from "./locks.ts";
import type { Attempt, Trace, Traces } from "./traces.ts";
import type { Violation } from "./violation.ts";

/** Invariant 13: no number is locked before ten wrong codes, nor after an operator has unlocked it. */
export function checkRefusals({ calls }: History, { attemptsOn }: Traces): Violation[] {
  const unlocks = Map.groupBy(
    calls.filter(({ operation, status }) => operation === "unlock" && status === 200),
    ({ number }) => number,
  );
  return calls.filter(isLocked).flatMap((call) => {
    const { number, operation, startedAt } = call;
    const unlocked = unlocks.get(number)?.findLast(({ endedAt }) => endedAt.order < startedAt.order);
    const since = unlocked?.startedAt.order ?? 0;
    const failures = (attemptsOn.get(number) ?? []).filter((attempt) => mayHaveFailed(attempt, since, call));
    if (failures.length >= FAILURES_BEFORE_DELAY) return [];
    const when = unlocked === undefined ? "" : " since an operator unlocked it";
    const description = `A ${operation} found the number locked after ${failures.length} wrong codes${when}`;
    return [{ invariant: 13, description, number, id: call.id ?? "" }];
  });
}

function isLocked({ kind, problem }: Call): boolean {
  return kind === "valid" && problem?.code === "number_locked";
}

function mayHaveFailed({ call, outcome }: Attempt, since: number, before: Call): boolean {
  const isCharged = outcome !== "idle" && outcome !== "approved";
  return isCharged && call.endedAt.order > since && call.startedAt.order < before.endedAt.order;
}

/**
 * Invariant 13: no number gets more messages than its limits allow, over all apps, purposes, sessions and spellings.
 * The messages of an approved verification may not count, and neither does a fallback, which is an SMS here.
 */
export function checkSends({ calls }: History, { all }: Traces): Violation[] {
  const unlocked = new Set(
    calls.filter(({ operation }) => operation === "unlock").map(({ number }) => number),
  );
  const byNumber = Map.groupBy(all.filter(isCounted), ({ number }) => number);
  return [...byNumber].flatMap(([number, traces]) => {
    const sent = traces.flatMap(({ messages }) =>
      messages.flatMap(({ channel, outcome, reference }) =>
        channel === "whatsapp" && outcome !== "refused" ? [reference] : [],
      ),
    );
    const count = new Set(sent).size;
    if (count <= SENDS_PER_DAY || unlocked.has(number)) return [];
    const description = `${count} messages were sent to a number within a day, ${SENDS_PER_DAY} are allowed`;
    return [{ invariant: 13, description, number, id: "" }];
  });
}

function isCounted({ number, final }: Trace): boolean {
  return final?.status !== "approved" && !isForbiddenNumber(number);
}
