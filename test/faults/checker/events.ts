import type { History, JournalRow, ReceivedEvent, VerificationView, WebhookPost } from "../history.ts";
import { personOf } from "../people.ts";
import type { Trace, Traces } from "./traces.ts";
import type { Violation } from "./violation.ts";

const CLOSING = ["approved", "canceled", "expired", "failed"];

/** Invariant 7: every event reaches the endpoint under a single id, and the journal agrees with the API. */
export function checkEvents(history: History, { all }: Traces): Violation[] {
  const spoiled = [...history.events.values()].flatMap(({ id, altered, unsigned }) => {
    const fault = altered > 0 ? "was delivered with another body" : unsigned > 0 ? "was unsigned" : null;
    return fault === null
      ? []
      : [{ invariant: 7, description: `The event ${id} ${fault}`, number: "", id: "" }];
  });
  const untold = all.flatMap((trace) =>
    faultsOf(trace).map((description) => toViolation(trace, description)),
  );
  return [...spoiled, ...untold, ...checkTaps(history)];
}

/** Every message of a user, such as a tap on "I didn't request a code", has an event, and nothing else does. */
function checkTaps({ webhooks, events }: History): Violation[] {
  const tappers = [...events.values()]
    .filter(({ type }) => type === "message.received")
    .map(({ body }) => personOf((JSON.parse(body) as { data: { from: string } }).data.from));
  const [heard, taps] = [new Set(tappers), webhooks.filter(isOfUser)];
  const genuine = taps.filter(({ kind }) => kind === "genuine");
  const silent = genuine.filter(({ responseStatus, number }) => responseStatus === 200 && !heard.has(number));
  const tapped = new Set(
    taps.filter(({ kind }) => kind === "genuine" || kind === "stray").map(({ number }) => number),
  );
  const about = { invariant: 7, id: "" };
  return [
    ...silent.map(({ number }) => ({ ...about, number, description: "A tap has no event" })),
    ...[...heard]
      .filter((number) => !tapped.has(number))
      .map((number) => ({ ...about, number, description: "An event of a tap that did not happen" })),
  ];
}

function isOfUser({ status }: WebhookPost): boolean {
  return status === "denied" || status === "stop";
}

function toViolation({ number, id }: Trace, description: string): Violation {
  return { invariant: 7, description, number, id };
}

function faultsOf({ final, events, rows }: Trace): string[] {
  if (final === null) return rows.length > 0 ? ["The journal has it, but the API does not"] : [];
  if (final.status === "pending") return ["It is still pending after it was canceled"];
  const faults: string[] = [];
  for (const type of ["started", ...CLOSING]) {
    const ofType = events.filter((event) => event.type === `verification.${type}`);
    const expected = type === "started" || type === final.status ? 1 : 0;
    if (ofType.length !== expected) {
      faults.push(
        `${ofType.length} events ${type}, not ${expected}: ${ofType.map(({ id }) => id).join(", ")}`,
      );
    }
  }
  for (const [ordinal, { status }] of final.messages.entries()) {
    if (status !== "queued" && !events.some((event) => hasMessage(event, ordinal, status))) {
      faults.push(`Message ${ordinal} has no event ${status}`);
    }
  }
  const [row] = rows;
  if (row === undefined) faults.push("It is not in the journal");
  else if (rows.length > 1) faults.push(`It is in the journal ${rows.length} times`);
  else {
    const differences = differ(row, final);
    if (differences.length > 0) faults.push(`The journal differs: ${differences.join("; ")}`);
  }
  return faults;
}

function hasMessage({ body }: ReceivedEvent, ordinal: number, status: string): boolean {
  const { data } = JSON.parse(body) as { data: VerificationView };
  return data.messages[ordinal]?.status === status;
}

function differ(row: JournalRow, final: VerificationView): string[] {
  const messages = JSON.parse(row.messages) as VerificationView["messages"];
  const pairs: readonly (readonly [string, unknown, unknown])[] = [
    ["app", row.app, final.app],
    ["status", row.status, final.status],
    ["reason", row.reason, final.reason],
    ["purpose", row.purpose, final.purpose],
    ["attempts_remaining", row.attempts_remaining, final.attempts_remaining],
    ["sends_remaining", row.sends_remaining, final.sends_remaining],
    ["closed_at", new Date(row.closed_at).toISOString(), final.closed_at],
    ["metadata", row.metadata, JSON.stringify(final.metadata)],
    ["messages", format(messages), format(final.messages)],
  ];
  return pairs.filter(([, a, b]) => a !== b).map(([name, a, b]) => `${name} ${a}, in the API ${b}`);
}

function format(messages: VerificationView["messages"]): string {
  return messages.map(({ channel, status }) => `${channel} ${status}`).join(", ");
}
