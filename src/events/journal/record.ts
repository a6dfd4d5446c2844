import type { EventVerification, VerificationEvent } from "../event.ts";
import { type ClosedVerification, type JournalRow, toRow } from "./row.ts";

/** Keeps a statement's one parameter well under D1's 2 MB, whatever metadata its rows have; a queue's batch is one. */
const ROWS_A_STATEMENT = 100;

/** What news about a closed verification can change. The index's columns are not among them, so it costs one row. */
const CURRENT = [
  ...(["status", "reason", "channel", "template", "language", "error_code", "error_channel"] as const),
  ...(["sends", "sends_remaining", "attempts_remaining", "price_category", "billed_messages"] as const),
  ...(["sent_at", "delivered_at", "read_at", "closed_at", "expires_at", "messages", "revision"] as const),
] as const satisfies readonly (keyof JournalRow)[];

const COLUMNS = [
  ...(["created_at", "id", "number_tag", "number_masked", "country", "purpose", "locale"] as const),
  ...(["metadata", "bind"] as const),
  ...CURRENT,
] as const satisfies readonly (keyof JournalRow)[];

/** All rows travel as one JSON parameter: a statement takes a hundred parameters, and one row has 28 columns. */
const UPSERT = `
  INSERT INTO verifications (${COLUMNS.join(", ")})
  SELECT ${COLUMNS.map((column) => `value ->> '$.${column}'`).join(", ")} FROM json_each(?1) WHERE true
  ON CONFLICT (created_at, id) DO UPDATE SET ${CURRENT.map((column) => `${column} = excluded.${column}`).join(", ")}
  WHERE excluded.revision > verifications.revision`;

/**
 * Writes down the closed verifications among those that the events are about. Repeats and any order of events
 * end in the same rows: of two states of a verification, the one with the larger revision stands.
 */
export async function record(db: D1Database, events: readonly VerificationEvent[]): Promise<void> {
  const rows = newestStates(events).map(toRow);
  const upsert = db.prepare(UPSERT);
  for (let from = 0; from < rows.length; from += ROWS_A_STATEMENT) {
    await upsert.bind(JSON.stringify(rows.slice(from, from + ROWS_A_STATEMENT))).run();
  }
}

/** Older states of the same verification need not be written at all. */
function newestStates(events: readonly VerificationEvent[]): readonly ClosedVerification[] {
  const newest = new Map<string, ClosedVerification>();
  for (const { verification } of events) {
    if (!isClosed(verification)) continue;
    const known = newest.get(verification.id);
    if (known === undefined || verification.revision > known.revision)
      newest.set(verification.id, verification);
  }
  return [...newest.values()];
}

function isClosed(verification: EventVerification): verification is ClosedVerification {
  return verification.closedAt !== null;
}
