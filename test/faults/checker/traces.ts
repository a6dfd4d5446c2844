import type {
  Call,
  History,
  JournalRow,
  ReceivedEvent,
  SentMessage,
  VerificationView,
  WebhookPost,
} from "../history.ts";

/** A verification in an answer, and the call that was answered. */
export interface Sighting {
  readonly call: Call;
  readonly shown: VerificationView;
}

/** What became of a check, as far as an outsider can tell. */
export type AttemptOutcome =
  /** Charged, and right or wrong. */
  | "approved"
  | "wrong"
  /** The last attempt, or one after it. */
  | "exhausted"
  /** Not charged: the verification had closed, or the check was refused. */
  | "idle"
  /** Nobody was told: it may have been done or not. */
  | "unknown";

export interface Attempt {
  readonly call: Call;
  readonly outcome: AttemptOutcome;
  /** What the answer showed; null without one. */
  readonly shown: VerificationView | null;
}

/** All that is known of one verification. */
export interface Trace {
  readonly id: string;
  readonly number: string;
  readonly purpose: string;
  readonly sightings: Sighting[];
  /** Lawful checks that were about it, or, without an answer, may have been. One for each idempotency key. */
  readonly attempts: readonly Attempt[];
  readonly unauthorizedCalls: readonly Call[];
  readonly messages: readonly SentMessage[];
  readonly webhooks: readonly WebhookPost[];
  readonly events: readonly ReceivedEvent[];
  readonly rows: readonly JournalRow[];
  readonly final: VerificationView | null;
}

export interface Traces {
  readonly all: readonly Trace[];
  /** Every code that went to a number or was meant to, in capitals. */
  readonly codes: ReadonlyMap<string, ReadonlySet<string>>;
  readonly attemptsOn: ReadonlyMap<string, readonly Attempt[]>;
}

/** Sorts a history by what it is about. */
export function collectTraces(history: History): Traces {
  const { calls, messages, webhooks, events, journal, finals } = history;
  const sightings = Map.groupBy(
    calls.flatMap((call) => call.shown.map((shown) => ({ call, shown }))),
    ({ shown }) => shown.id,
  );
  const sentOf = Map.groupBy(messages, ({ reference }) => idOf(reference));
  const newsOf = Map.groupBy(webhooks, ({ reference }) => idOf(reference ?? ""));
  const toldOf = Map.groupBy([...events.values()], aboutWhich);
  const rowsOf = Map.groupBy(journal, ({ id }) => id);
  const lawful = calls.filter(({ operation, kind }) => operation === "check" && kind === "lawful");
  const attempts = withoutRepeats(lawful.map(toAttempt));
  const attemptsOn = Map.groupBy(attempts, ({ call }) => call.number);
  const trespassesOn = Map.groupBy(
    calls.filter(({ kind }) => kind !== "lawful"),
    ({ number }) => number,
  );
  const ids = new Set([...sightings.keys(), ...sentOf.keys(), ...finals.keys(), ...rowsOf.keys()]);
  const all = [...ids].map((id): Trace => {
    const seen = sightings.get(id) ?? [];
    const any = finals.get(id) ?? seen[0]?.shown;
    const purpose = any?.purpose ?? rowsOf.get(id)?.[0]?.purpose ?? "";
    const number = sentOf.get(id)?.[0]?.number ?? seen.find(({ shown }) => isWhole(shown.to))?.shown.to ?? "";
    const isAbout = ({ call, shown }: Attempt) =>
      shown !== null ? shown.id === id : call.id === id || (call.id === null && call.purpose === purpose);
    return {
      id,
      number,
      purpose,
      sightings: seen,
      attempts: (attemptsOn.get(number) ?? []).filter(isAbout),
      unauthorizedCalls: (trespassesOn.get(number) ?? []).filter(
        (call) => call.id === id || call.id === null,
      ),
      messages: sentOf.get(id) ?? [],
      webhooks: newsOf.get(id) ?? [],
      events: toldOf.get(id) ?? [],
      rows: rowsOf.get(id) ?? [],
      final: finals.get(id) ?? null,
    };
  });
  return { all, attemptsOn, codes: codesOf(history) };
}

/** Whether a check's code was ever one of its number's. */
export function mayBeRight({ call }: Attempt, { codes }: Traces): boolean {
  return call.code !== null && (codes.get(call.number)?.has(call.code.toUpperCase()) ?? false);
}

export function idOf(reference: string): string {
  return reference.split(".")[0] ?? "";
}

function toAttempt(call: Call): Attempt {
  const [shown = null] = call.shown;
  return { call, shown, outcome: outcomeOf(call, shown) };
}

function outcomeOf({ status }: Call, shown: VerificationView | null): AttemptOutcome {
  if (status === null || status >= 500) return "unknown";
  if (shown === null) return "idle";
  if (shown.valid === true) return "approved";
  if (shown.status === "pending") return "wrong";
  return shown.reason === "attempts_exhausted" ? "exhausted" : "idle";
}

/** Who knows most of an attempt: a refusal may be of the repeat alone. */
function weight({ shown, outcome }: Attempt): number {
  return shown !== null ? 2 : outcome === "unknown" ? 1 : 0;
}

/** The same request under the same key is the same attempt; what one of them was told holds for all. */
function withoutRepeats(attempts: readonly Attempt[]): readonly Attempt[] {
  const byKey = new Map<string, Attempt>();
  const rest: Attempt[] = [];
  for (const attempt of attempts) {
    const { number, idempotencyKey } = attempt.call;
    if (idempotencyKey === null) rest.push(attempt);
    else {
      const key = `${number} ${idempotencyKey}`;
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
    if (operation === "start" && kind === "lawful" && code !== null) add(number, code);
  }
  return codes;
}

function aboutWhich({ type, body }: ReceivedEvent): string {
  if (!type.startsWith("verification.")) return "";
  return (JSON.parse(body) as { data: { id: string } }).data.id;
}

function isWhole(number: string): boolean {
  return !number.includes("*");
}
