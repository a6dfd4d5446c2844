import type { Call, History } from "../history.ts";
import { isForbiddenNumber } from "../people.ts";
import { fewestLeft } from "./codes.ts";
import type { Trace, Traces } from "./traces.ts";
import type { Violation } from "./violation.ts";

const INTRUDERS: ReadonlySet<Call["kind"]> = new Set(["no_key", "unknown_key", "wrong_scope"]);

/** Invariants 8 and 9: requests without access and requests with bad input are rejected and have no effect. */
export function checkAccess(history: History, { all }: Traces): Violation[] {
  const refused = history.calls.flatMap((call) => {
    const fault = call.kind === "invalid" ? faultOfInvalid(call) : faultOfUnauthorized(call);
    if (fault === null) return [];
    const invariant = call.kind === "invalid" ? 9 : 8;
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
      const description = `A message went to ${number}, which no valid request names`;
      return { invariant: blame(calls), description, number, id: reference.split(".")[0] ?? "" };
    });
  const canceled = new Set(history.calls.filter(mayHaveCanceled).map(({ id }) => id));
  return [...refused, ...reached, ...all.flatMap((trace) => effectsOn(trace, canceled))];
}

function faultOfUnauthorized({ kind, status }: Call): string | null {
  if (!INTRUDERS.has(kind)) return null;
  const expected = kind === "wrong_scope" ? 403 : 401;
  // A key cannot be looked up while KV is down.
  const isUndecided = status === null || (kind !== "no_key" && status >= 500);
  return status === expected || isUndecided ? null : `answered ${status}, not ${expected}`;
}

function faultOfInvalid({ status, problem, faults }: Call): string | null {
  if (status === null) return null;
  if (status < 400 || status >= 500) return `answered ${status}`;
  if (problem === null) return "answered without a problem";
  const unnamed = faults.filter((pointer) => !problem.pointers.includes(pointer));
  return unnamed.length === 0 ? null : `${problem.code} does not name ${unnamed.join(", ")}`;
}

/** Effects on a verification that no valid request explains. */
function effectsOn(trace: Trace, canceled: ReadonlySet<string | null>): Violation[] {
  const about = { invariant: blame(trace.trespasses), number: trace.number, id: trace.id };
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
    found.push({ ...about, description: "Canceled without a valid request to cancel it" });
  }
  return found;
}

function mayHaveCanceled({ operation, kind, status }: Call): boolean {
  const isRefused = status !== null && status >= 400 && status < 500;
  return operation === "cancel" && kind === "valid" && !isRefused;
}

/** The invariant that an unexplained effect violates, by the request that was not rejected. */
function blame(calls: readonly Call[]): 8 | 9 | 12 {
  const isOpen = ({ kind, status }: Call) => INTRUDERS.has(kind) && (status ?? 0) < 300;
  if (calls.some(isOpen)) return 8;
  const has = (kind: Call["kind"]) => calls.some((call) => call.kind === kind);
  if (has("invalid")) return 9;
  return has("other_session") && !has("other_app") ? 12 : 8;
}
