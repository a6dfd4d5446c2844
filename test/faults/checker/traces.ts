import type {
  Call,
  History,
  JournalRow,
  ReceivedEvent,
  SentMessage,
  VerificationView,
  WebhookPost,
} from "../history.ts";
import { personOf } from "../people.ts";

/** A verification in a response, and the call. */
export interface Sighting {
  readonly call: Call;
  readonly shown: VerificationView;
}

/** The outcome of a check, as far as it can be observed. */
export type AttemptOutcome =
  /** Charged. */
  | "approved"
  | "wrong"
  /** The last attempt, or one after it. */
  | "exhausted"
  /** Not charged: the verification was closed, or the check was refused. */
  | "idle"
  /** Without a response: it may or may not have been charged. */
  | "unknown";

export interface Attempt {
  readonly call: Call;
  readonly outcome: AttemptOutcome;
  /** The verification in the response; null without one. */
  readonly shown: VerificationView | null;
}

/** Everything that was observed of a verification. */
export interface Trace {
  readonly id: string;
  readonly number: string;
  readonly purpose: string;
  /** The valid starts that showed it: the one that began it, and those that sent it again. */
  readonly starts: readonly Call[];
  readonly sightings: Sighting[];
  /** Valid checks of it, including those without a response that may have been. A single one per idempotency key. */
  readonly attempts: readonly Attempt[];
  /** Requests that must have no effect on it. */
  readonly trespasses: readonly Call[];
  readonly messages: readonly SentMessage[];
  readonly webhooks: readonly WebhookPost[];
  readonly events: readonly ReceivedEvent[];
  readonly rows: readonly JournalRow[];
  readonly final: VerificationView | null;
}

export interface Traces {
  readonly all: readonly Trace[];
  /** Every code that was or may have been sent to a number, in upper case. */
  readonly codes: ReadonlyMap<string, ReadonlySet<string>>;
  readonly attemptsOn: ReadonlyMap<string, readonly Attempt[]>;
}

/** Groups a history by verification. */
export function collectTraces(history: History): Traces {
  const { calls, messages, webhooks, events, journal, finals } = history;
  const sightings = Map.groupBy(
    calls.flatMap((call) => call.shown.map((shown) => ({ call, shown }))),
    ({ shown }) => shown.id,
  );
  const sentOf = Map.groupBy(messages, ({ reference }) => idOf(reference));
  const newsOf = Map.groupBy(webhooks, ({ reference }) => idOf(reference ?? ""));
  const toldOf = Map.groupBy([...events.values()], verificationIdOf);
  const rowsOf = Map.groupBy(journal, ({ id }) => id);
  const valid = calls.filter(({ operation, kind }) => operation === "check" && kind === "valid");
  const attempts = withoutRepeats(valid.map(toAttempt));
  const attemptsOn = Map.groupBy(attempts, ({ call }) => call.number);
  const trespassesOn = Map.groupBy(
    calls.filter(({ kind }) => kind !== "valid"),
    ({ number }) => number,
  );
  const ids = new Set([...sightings.keys(), ...sentOf.keys(), ...finals.keys(), ...rowsOf.keys()]);
  // Those of messages that users send are not judged by codes.
  for (const { id } of history.links) ids.delete(id);
  const all = [...ids].map((id): Trace => {
    const seen = sightings.get(id) ?? [];
    const any = finals.get(id) ?? seen[0]?.shown;
    const purpose = any?.purpose ?? rowsOf.get(id)?.[0]?.purpose ?? "";
    const dialled = seen.find(({ shown }) => isWhole(shown.to))?.shown.to ?? "";
    const number = sentOf.get(id)?.[0]?.number ?? personOf(dialled);
    const starts = seen
      .map(({ call }) => call)
      .filter(
        ({ operation, kind, status }) => operation === "start" && kind === "valid" && (status ?? 0) < 300,
      );
    const [first] = starts;
    const isAbout = ({ call, shown }: Attempt) =>
      shown !== null
        ? shown.id === id
        : call.id === id || (call.id === null && mayMean(call, purpose, first));
    return {
      id,
      number,
      purpose,
      starts,
      sightings: seen,
      attempts: (attemptsOn.get(number) ?? []).filter(isAbout),
      trespasses: (trespassesOn.get(number) ?? []).filter((call) => call.id === id || call.id === null),
      messages: sentOf.get(id) ?? [],
      webhooks: newsOf.get(id) ?? [],
      events: toldOf.get(id) ?? [],
      rows: rowsOf.get(id) ?? [],
      final: finals.get(id) ?? null,
    };
  });
  return { all, attemptsOn, codes: codesOf(history) };
}

/** Whether a check had a code that was ever sent to its number. */
export function mayBeRight({ call }: Attempt, { codes }: Traces): boolean {
  return call.code !== null && (codes.get(call.number)?.has(call.code.toUpperCase()) ?? false);
}

export function idOf(reference: string): string {
  return reference.split(".")[0] ?? "";
}

function toAttempt(call: Call): Attempt {
  const [shown = null] = call.shown;
  return { call, shown, outcome: call.page?.shows ?? outcomeOf(call, shown) };
}

function outcomeOf({ status }: Call, shown: VerificationView | null): AttemptOutcome {
  if (status === null || status >= 500) return "unknown";
  if (shown === null) return "idle";
  if (shown.valid === true) return "approved";
  if (shown.status === "pending") return "wrong";
  return shown.reason === "attempts_exhausted" ? "exhausted" : "idle";
}

/** Orders attempts under the same idempotency key by how much they show: a refusal may concern the repeat only. */
function weight({ call, shown, outcome }: Attempt): number {
  if (call.page !== null && outcome === "approved") return 3;
  return shown !== null || call.page?.shows != null ? 2 : outcome === "unknown" ? 1 : 0;
}

/** Requests of a caller with the same path and idempotency key are a single attempt; keeps the most informative. */
function withoutRepeats(attempts: readonly Attempt[]): readonly Attempt[] {
  const byKey = new Map<string, Attempt>();
  const rest: Attempt[] = [];
  for (const attempt of attempts) {
    const { number, id, caller, idempotencyKey } = attempt.call;
    if (idempotencyKey === null) rest.push(attempt);
    else {
      const key = `${caller} ${id ?? number} ${idempotencyKey}`;
      const known = byKey.get(key);
      if (known === undefined || weight(attempt) > weight(known)) byKey.set(key, attempt);
    }
  }
  return [...rest, ...byKey.values()];
}

function codesOf({ calls, messages }: History): ReadonlyMap<string, Set<string>> {
  const codes = new Map<string, Set<string>>();
  const add = (number: string, code: string) => {
    const known = codes.get(number) ?? new Set();
    codes.set(number, known.add(code.toUpperCase()));
  };
  for (const { number, code } of messages) add(number, code);
  for (const { operation, kind, number, code } of calls) {
    if (operation === "start" && kind === "valid" && code !== null) add(number, code);
  }
  return codes;
}

function verificationIdOf({ type, body }: ReceivedEvent): string {
  if (!type.startsWith("verification.")) return "";
  return (JSON.parse(body) as { data: { id: string } }).data.id;
}

/** Whether a check by number may mean a verification; `start` is null when no response to its start was received. */
function mayMean(call: Call, purpose: string, start: Call | undefined): boolean {
  const isOfStart =
    start === undefined || (call.app === start.app && (call.session ?? null) === (start.session ?? null));
  return call.purpose === purpose && isOfStart;
}

function isWhole(number: string): boolean {
  return !number.includes("*");
}
