import type { Call, History } from "../history.ts";
import { isForbiddenNumber } from "../secrets.ts";
import { fewestLeft } from "./codes.ts";
import type { Trace, Traces } from "./traces.ts";
import type { Violation } from "./violation.ts";

/** 8 and 9: whoever may not gets nowhere, whatever they say; whoever says it wrong is told what, and nothing happens. */
export function checkAccess(history: History, { all }: Traces): Violation[] {
  const refused = history.calls.flatMap((call) => {
    const fault = call.kind === "mistaken" ? mistakeFault(call) : trespassFault(call);
    if (fault === null) return [];
    const invariant = call.kind === "mistaken" ? 9 : 8;
    return [
      {
        invariant,
        description: `${call.kind} ${call.operation}: ${fault}`,
        number: call.number,
        id: call.id ?? "",
      },
    ];
  });
  const reached = history.messages
    .filter(({ number }) => isForbiddenNumber(number))
    .map(({ number, reference }) => {
      const calls = history.calls.filter((call) => call.number === number);
      const description = `A message went to ${number}, which no lawful call names`;
      return { invariant: blame(calls), description, number, id: reference.split(".")[0] ?? "" };
    });
  const canceled = new Set(history.calls.filter(mayHaveCanceled).map(({ id }) => id));
  return [...refused, ...reached, ...all.flatMap((trace) => effectsOn(trace, canceled))];
}

function trespassFault({ kind, status }: Call): string | null {
  if (kind === "lawful") return null;
  const expected = kind === "unscoped" ? 403 : 401;
  // A key that has to be looked up cannot be while KV is down: then nobody knows.
  const isNobodySure = status === null || (kind !== "stranger" && status >= 500);
  return status === expected || isNobodySure ? null : `answered ${status}, not ${expected}`;
}

function mistakeFault({ status, problem, faults }: Call): string | null {
  if (status === null) return null;
  if (status < 400 || status >= 500) return `answered ${status}`;
  if (problem === null) return "answered with no problem";
  const unnamed = faults.filter((pointer) => !problem.pointers.includes(pointer));
  return unnamed.length === 0 ? null : `${problem.code} does not name ${unnamed.join(", ")}`;
}

/** What no lawful call explains. */
function effectsOn(trace: Trace, canceled: ReadonlySet<string | null>): Violation[] {
  const about = { invariant: blame(trace.unauthorizedCalls), number: trace.number, id: trace.id };
  const found: Violation[] = [];
  const charged = trace.sightings.find(
    (sighting) => sighting.shown.attempts_remaining < fewestLeft(trace, sighting),
  );
  if (charged !== undefined) {
    found.push({
      ...about,
      description: `Only ${charged.shown.attempts_remaining} attempts left, more than were made`,
    });
  }
  const isCanceled = trace.final?.status === "canceled" && trace.final.reason === null;
  if (isCanceled && !canceled.has(trace.id)) {
    found.push({ ...about, description: "Canceled though nobody who may has canceled it" });
  }
  return found;
}

function mayHaveCanceled({ operation, kind, status }: Call): boolean {
  const isRefused = status !== null && status >= 400 && status < 500;
  return operation === "cancel" && kind === "lawful" && !isRefused;
}

/** Whose doing it may have been. */
function blame(calls: readonly Call[]): 8 | 9 {
  const isOpen = ({ kind, status }: Call) => kind !== "mistaken" && kind !== "lawful" && (status ?? 0) < 300;
  return calls.some(isOpen) ? 8 : 9;
}
