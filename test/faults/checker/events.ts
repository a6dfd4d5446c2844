import type { History, JournalRow, Shown, Told } from "../history.ts";
import type { Stories, Story } from "./stories.ts";
import type { Violation } from "./violation.ts";

const CLOSING = ["approved", "canceled", "expired", "failed"];

/** 7: what happened reaches the endpoint, under one id however often; and the journal is what happened. */
export function eventsTold(history: History, { all }: Stories): Violation[] {
  const spoiled = [...history.told.values()].flatMap(({ id, altered, unsigned }) => {
    const fault = altered > 0 ? "came with another content" : unsigned > 0 ? "came unsigned" : null;
    return fault === null ? [] : [{ invariant: 7, says: `The event ${id} ${fault}`, number: "", id: "" }];
  });
  const untold = all.flatMap((story) => faultsOf(story).map((says) => toViolation(story, says)));
  return [...spoiled, ...untold, ...tapsTold(history)];
}

/** What users wrote is told as well, and what nobody wrote is not. */
function tapsTold({ news, told }: History): Violation[] {
  const tappers = [...told.values()]
    .filter(({ type }) => type === "message.received")
    .map(({ body }) => (JSON.parse(body) as { data: { from: string } }).data.from);
  const [heard, taps] = [new Set(tappers), news.filter(({ status }) => status === "denied")];
  const genuine = taps.filter(({ forged }) => !forged);
  const silent = genuine.filter(({ answer, number }) => answer === 200 && !heard.has(number));
  const tapped = new Set(genuine.map(({ number }) => number));
  const about = { invariant: 7, id: "" };
  return [
    ...silent.map(({ number }) => ({ ...about, number, says: "No event tells of its user's tap" })),
    ...[...heard]
      .filter((number) => !tapped.has(number))
      .map((number) => ({ ...about, number, says: "An event tells of a tap that never was" })),
  ];
}

function toViolation({ number, id }: Story, says: string): Violation {
  return { invariant: 7, says, number, id };
}

function faultsOf({ final, told, rows }: Story): string[] {
  if (final === null) return rows.length > 0 ? ["The journal has it, and the API does not"] : [];
  if (final.status === "pending") return ["It is still pending, though it was canceled"];
  const faults: string[] = [];
  for (const type of ["started", ...CLOSING]) {
    const events = told.filter((one) => one.type === `verification.${type}`);
    const expected = type === "started" || type === final.status ? 1 : 0;
    if (events.length !== expected) {
      faults.push(
        `${events.length} events ${type}, not ${expected}: ${events.map(({ id }) => id).join(", ")}`,
      );
    }
  }
  for (const [ordinal, { status }] of final.messages.entries()) {
    if (status !== "queued" && !told.some((one) => hasMessage(one, ordinal, status))) {
      faults.push(`No event tells that message ${ordinal} was ${status}`);
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

function hasMessage({ body }: Told, ordinal: number, status: string): boolean {
  const { data } = JSON.parse(body) as { data: Shown };
  return data.messages[ordinal]?.status === status;
}

function differ(row: JournalRow, final: Shown): string[] {
  const messages = JSON.parse(row.messages) as Shown["messages"];
  const pairs: readonly (readonly [string, unknown, unknown])[] = [
    ["status", row.status, final.status],
    ["reason", row.reason, final.reason],
    ["purpose", row.purpose, final.purpose],
    ["attempts_remaining", row.attempts_remaining, final.attempts_remaining],
    ["sends_remaining", row.sends_remaining, final.sends_remaining],
    ["closed_at", new Date(row.closed_at).toISOString(), final.closed_at],
    ["metadata", row.metadata, JSON.stringify(final.metadata)],
    ["messages", spell(messages), spell(final.messages)],
  ];
  return pairs.filter(([, a, b]) => a !== b).map(([name, a, b]) => `${name} ${a}, in truth ${b}`);
}

function spell(messages: Shown["messages"]): string {
  return messages.map(({ channel, status }) => `${channel} ${status}`).join(", ");
}
