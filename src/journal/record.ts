import { ownerOf } from "../ids/verification-id.ts";
import type { NotificationEvent } from "../notifications/notification.ts";
import type { EventVerification, VerificationEvent } from "../phone-number/event.ts";
import { chunksOf } from "../platform/chunks.ts";
import {
  type ClosedVerification,
  hourOf,
  type NotificationRow,
  toNotificationRow,
  toVerificationRow,
  type VerificationRow,
} from "./rows.ts";
import { markLate } from "./tallies/late.ts";

interface Row {
  readonly id: string;
  readonly revision: number;
}

/** How a table is written. It has no index, so that an insert costs one row written, and so does an update. */
interface Table<R extends Row> {
  readonly name: string;
  /** The primary key. An update changes neither it nor the fixed columns. */
  readonly key: readonly (keyof R & string)[];
  readonly fixed: readonly (keyof R & string)[];
  /** What an update replaces. */
  readonly current: readonly (keyof R & string)[];
}

const VERIFICATIONS: Table<VerificationRow> = {
  name: "verifications",
  key: ["hour", "number_tag", "id"],
  fixed: [
    "created_at",
    "number_masked",
    "country",
    "purpose",
    "locale",
    "metadata",
    "bind",
    "test",
    "app",
    "via",
    "method",
    "number_learned",
    "other_number_ends_with",
  ],
  current: [
    "status",
    "reason",
    "channel",
    "template",
    "language",
    "error_code",
    "error_channel",
    "sends",
    "sends_remaining",
    "attempts_remaining",
    "price_category",
    "billed_messages",
    "sent_at",
    "delivered_at",
    "read_at",
    "closed_at",
    "expires_at",
    "messages",
    "identity_changed",
    "revision",
  ],
};

const NOTIFICATIONS: Table<NotificationRow> = {
  name: "notifications",
  key: ["created_at", "id"],
  fixed: ["app", "batch_id", "number_tag", "number_masked", "country", "metadata", "template", "language"],
  current: [
    "status",
    "error_code",
    "price_category",
    "billed",
    "revision",
    "sent_at",
    "delivered_at",
    "read_at",
    "failed_at",
  ],
};

/** Writes the closed verifications among those of the events; see {@link upsert}. */
export async function recordVerifications(
  db: D1Database,
  events: readonly VerificationEvent[],
): Promise<void> {
  const rows = events
    .map(({ verification }) => verification)
    .filter(isClosed)
    .map(toVerificationRow);
  await upsert(db, VERIFICATIONS, rows);
  await markLate(db, rows, Date.now());
}

/** Writes the notifications of the events; see {@link upsert}. */
export function recordNotifications(db: D1Database, events: readonly NotificationEvent[]): Promise<void> {
  const rows = events.map(({ notification }) => toNotificationRow(notification));
  return upsert(db, NOTIFICATIONS, rows);
}

/** Whether the journal stores the verification of an event, so that {@link findConfirmed} can find it. */
export function isConfirmable({ verification }: VerificationEvent): boolean {
  return isClosed(verification);
}

/**
 * Finds which events the journal has stored as the newest of their verification, and returns their ids. An id
 * that is missing proves nothing: a row keeps its newest revision only, so the event may have been recorded
 * and then overwritten.
 *
 * @param events Confirmable ones.
 */
export async function findConfirmed(
  db: D1Database,
  events: readonly VerificationEvent[],
): Promise<ReadonlySet<string>> {
  const keys = events.map(({ verification: { createdAt, id } }) => [hourOf(createdAt), ownerOf(id), id]);
  const { results } = await db
    .prepare(
      `SELECT v.id, v.revision FROM json_each(?1) AS event CROSS JOIN verifications AS v
       ON v.hour = event.value ->> 0 AND v.number_tag = event.value ->> 1 AND v.id = event.value ->> 2`,
    )
    .bind(JSON.stringify(keys))
    .all<Row>();
  const revisions = new Map(results.map(({ id, revision }) => [id, revision]));
  const confirmed = events.filter(({ verification: { id, revision } }) => revisions.get(id) === revision);
  return new Set(confirmed.map(({ id }) => id));
}

function isClosed(verification: EventVerification): verification is ClosedVerification {
  return verification.closedAt !== null;
}

/**
 * Inserts or updates rows. Repeats and any order give the same table: the larger revision of a row wins. The
 * rows are bound as one JSON parameter, because D1 allows a statement 100 parameters.
 */
async function upsert<R extends Row>(
  db: D1Database,
  { name, key, fixed, current }: Table<R>,
  rows: readonly R[],
): Promise<void> {
  const columns = [...key, ...fixed, ...current];
  const statement = db.prepare(`
    INSERT INTO ${name} (${columns.join(", ")})
    SELECT ${columns.map((column) => `value ->> '$.${column}'`).join(", ")} FROM json_each(?1) WHERE true
    ON CONFLICT (${key.join(", ")}) DO UPDATE SET ${current.map((column) => `${column} = excluded.${column}`).join(", ")}
    WHERE excluded.revision > ${name}.revision`);
  for (const chunk of chunksOf(newestOf(rows))) await statement.bind(JSON.stringify(chunk)).run();
}

/** Drops rows that a newer revision in the same call replaces. */
function newestOf<R extends Row>(rows: readonly R[]): readonly R[] {
  const byId = new Map<string, R>();
  for (const row of rows) {
    const known = byId.get(row.id);
    if (known === undefined || row.revision > known.revision) byId.set(row.id, row);
  }
  return [...byId.values()];
}
