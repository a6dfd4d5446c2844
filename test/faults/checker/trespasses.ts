import type { Call, History } from "../history.ts";
import type { Sighting, Trace, Traces } from "./traces.ts";
import type { Violation } from "./violation.ts";

/**
 * Invariants 8 and 12: a verification is shown to its own app and session only, keeps what its first start said,
 * is not replaced by another session, and can be finished by its own.
 */
export function checkTrespasses(history: History, { all }: Traces): Violation[] {
  const found = history.calls.flatMap((call) => {
    if (call.id === null || call.page !== null || !isAnswered(call) || call.status === 404) return [];
    const about = { number: call.number, id: call.id };
    const description = `${call.operation} responded ${call.status}, not 404`;
    if (call.kind === "other_app") {
      return [{ ...about, invariant: 8, description: `Of another app, ${description}` }];
    }
    return call.kind === "other_session"
      ? [{ ...about, invariant: 12, description: `Of another session, ${description}` }]
      : [];
  });
  const starts = Map.groupBy(history.calls.filter(isStart), keyOf);
  // After a refusal by WhatsApp, every message to the number has to wait.
  const held = new Set(
    history.messages.filter(({ outcome }) => outcome === "refused").map(({ number }) => number),
  );
  const repeats = history.calls.filter((call) => {
    const isRefused = isStart(call) && call.problem?.code === "resend_too_soon" && !held.has(call.number);
    return isRefused && !starts.get(keyOf(call))?.some((start) => mayHaveBegun(start, call));
  });
  const refused = repeats.map(({ number, session }) => {
    const description = `A start of the session ${session} was refused as a repeat of another's`;
    return { invariant: 12, description, number, id: "" };
  });
  return [...found, ...refused, ...all.flatMap((trace) => faultsOf(trace, all, starts))];
}

function isStart({ operation, kind }: Call): boolean {
  return operation === "start" && kind === "valid";
}

/** What the starts have in common that send one verification. */
function keyOf({ number, app, purpose, session }: Call): string {
  return JSON.stringify([number, app, purpose, session]);
}

/** Whether a start may have begun a verification before another start was answered. */
function mayHaveBegun({ startedAt, status }: Call, { endedAt }: Call): boolean {
  const isRefused = status !== null && status >= 400 && status < 500;
  return startedAt.order < endedAt.order && !isRefused;
}

/** Without a response, or while keys or objects could not be read, nothing is known. */
function isAnswered({ status }: Call): boolean {
  return status !== null && status < 500;
}

type Starts = ReadonlyMap<string, readonly Call[]>;

function faultsOf(trace: Trace, all: readonly Trace[], allStarts: Starts): Violation[] {
  const { id, number, starts, sightings, final } = trace;
  const [first] = starts;
  if (first === undefined) return [];
  const violation = (invariant: number, description: string) => ({ invariant, number, id, description });
  const found: Violation[] = [];
  const { call: leak } = sightings.find(({ call }) => call.app !== null && call.app !== first.app) ?? {};
  if (leak !== undefined) {
    found.push(
      violation(8, `A verification of ${first.app} in the answer to a ${leak.operation} of ${leak.app}`),
    );
  }
  const misdirected = trace.events.find(({ apps }) => [...apps].some((app) => app !== first.app));
  if (misdirected !== undefined) {
    found.push(
      violation(
        8,
        `The event ${misdirected.id} of ${first.app} went to ${[...misdirected.apps].join(" and ")}`,
      ),
    );
  }
  const stranger = sightings.find(({ call }) => namesSession(call) && call.session !== first.session);
  if (stranger !== undefined) {
    const { operation, session } = stranger.call;
    found.push(violation(12, `Of session ${first.session}, in the answer to a ${operation} of ${session}`));
  }
  const rewritten = sightings.find(
    ({ shown }) => isWhole(shown.to) && (shown.metadata.round ?? null) !== first.round,
  );
  // Only the first start of a verification is sure to have named it.
  if (rewritten !== undefined && first.status === 201) {
    const { round } = rewritten.shown.metadata;
    found.push(violation(12, `Its metadata changed from ${first.round} to ${round}`));
  }
  if (final?.reason === "superseded" && !mayBeSuperseded(trace, all)) {
    found.push(violation(12, "Superseded by the start of another session"));
  }
  const refused = sightings.find((sighting) => isRightButRefused(sighting, trace, allStarts));
  if (refused !== undefined) {
    const { operation, code } = refused.call;
    found.push(violation(12, `A ${operation} of its own session with the right code ${code} was not valid`));
  }
  return found;
}

/** A start or a check finds the verification of its own session only; other requests name an id. */
function namesSession({ operation, kind }: Call): boolean {
  return kind === "valid" ? operation === "start" || operation === "check" : kind === "other_session";
}

/** At most three sessions may have one pending; users have two, and a visitor a third. */
const MAX_PENDING = 3;

function mayBeSuperseded({ number, purpose, starts: [first] }: Trace, all: readonly Trace[]): boolean {
  const alike = all.filter((other) => {
    const [start] = other.starts;
    // Without a response to its start, nothing is known of its session.
    const isOfApp = start === undefined || start.app === first?.app;
    return other.number === number && other.purpose === purpose && isOfApp;
  });
  const sessions = alike.map(({ starts: [start] }) => start?.session ?? "none");
  const isReplaced = alike.some(({ starts: [start] }) => start === undefined || start.bind !== first?.bind);
  return isReplaced || new Set(sessions).size > MAX_PENDING;
}

/** Whether a check of the only code that the verification can have had at any time left it pending. */
function isRightButRefused({ call, shown }: Sighting, trace: Trace, allStarts: Starts): boolean {
  const [first] = trace.starts;
  // A resend may draw a new code that no message carries, because no sender could be tried.
  if (first === undefined || (first.code === null && trace.purpose === "signup")) return false;
  // A repeated start replaces the code by the one that it brings.
  const repeats = (allStarts.get(keyOf(first)) ?? []).filter(
    (start) => mayHaveBegun(start, call) && !start.shown.some(({ id }) => id !== trace.id),
  );
  const sent = [...trace.messages, ...repeats].flatMap(({ code }) => code?.toUpperCase() ?? []);
  const [only, ...others] = new Set(sent);
  return (
    call.operation === "check" &&
    call.kind === "valid" &&
    call.idempotencyKey === null &&
    shown.status === "pending" &&
    shown.valid === false &&
    others.length === 0 &&
    only === call.code?.toUpperCase() &&
    call.bind === first.bind
  );
}

function isWhole(number: string): boolean {
  return !number.includes("*");
}
