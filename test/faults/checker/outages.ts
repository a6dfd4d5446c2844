import type { History, OutageHistory } from "../history.ts";
import type { Violation } from "./violation.ts";

/** In ten minutes that a queue refuses. */
const MOST_TRIES = 8;

/**
 * Invariants 7 and 13 in an outage: every call is answered, nothing is lost or doubled afterwards for the audit and the
 * guard, and an object does not press a queue that refuses.
 */
export function checkOutages(history: History): Violation[] {
  const { outage } = history;
  if (outage === null) return [];
  return [
    ...checkAnswers(history),
    ...checkTries(outage),
    ...checkAudit(history, outage),
    ...checkGuard(history, outage),
    ...(outage.deadLetters === 0 ? [lost("The health page shows no dead letters while there are some")] : []),
  ];
}

function checkAnswers({ calls }: History): Violation[] {
  return calls
    .filter(({ status }) => status === null || status >= 500)
    .map(({ operation, number, id, status }) => ({
      invariant: 13,
      description: `In an outage, a ${operation} is answered with ${status}`,
      number,
      id: id ?? "",
    }));
}

function checkTries({ tries }: OutageHistory): Violation[] {
  return [...tries.values()]
    .filter((count) => count > MOST_TRIES)
    .map((count) => lost(`An object asked a queue ${count} times in ten minutes`));
}

/** One entry with its outcome for each act. */
function checkAudit({ calls }: History, { audit }: OutageHistory): Violation[] {
  const acts = calls.filter(({ operation, status }) => operation === "unlock" && status === 200);
  const entries = audit.filter(({ action }) => action === "unlockNumber");
  const unended = entries.filter(({ outcome }) => outcome === null);
  if (entries.length === acts.length && unended.length === 0) return [];
  return [
    lost(`${acts.length} unlocks have ${entries.length} audit entries, ${unended.length} without outcome`),
  ];
}

/** Each verification that ended without approval counts once for its range. */
function checkGuard({ finals }: History, { unverifiedInRanges }: OutageHistory): Violation[] {
  const ended = [...finals.values()].filter(({ status }) => status !== "approved" && status !== "pending");
  const sends = ended.reduce((sum, { messages }) => sum + messages.length, 0);
  if (sends === unverifiedInRanges) return [];
  return [lost(`The guard counts ${unverifiedInRanges} unverified sends of ${sends}`)];
}

function lost(description: string): Violation {
  return { invariant: 7, description, number: "", id: "" };
}
