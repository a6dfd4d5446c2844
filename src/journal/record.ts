import { ownerOf } from "../ids/verification-id.ts";
import type { NotificationEvent } from "../notifications/notification.ts";
import type { EventVerification, VerificationEvent } from "../phone-number/event.ts";
import { chunksOf } from "../platform/chunks.ts";
import {
  type ClosedVerification,
  hourOf,
  minuteOf,
  type NotificationRow,
  toNotificationRow,
  toVerificationRow,
  type VerificationRow,
} from "./rows.ts";
import type { Group, JournalTables } from "./tables.ts";
import { markLate } from "./tallies/late.ts";
import { hasColumn, type JournalTable, type Part } from "./weeks.ts";

interface Row {
  readonly id: string;
  readonly created_at: number;
  readonly revision: number;
}

/** How a part's tables are written. They have no index, so that an insert costs one row written, and so does an update. */
interface Columns<R extends Row> {
  readonly part: Part;
  /** The primary key. An update changes neither it nor the fixed columns. */
  readonly key: readonly (keyof R & string)[];
  readonly fixed: readonly (keyof R & string)[];
  /** What an update replaces. */
  readonly current: readonly (keyof R & string)[];
}

const VERIFICATIONS: Columns<VerificationRow> = {
  part: "verifications",
  key: ["hour", "minute", "number_tag", "id"],
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
    "sender",
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

const NOTIFICATIONS: Columns<NotificationRow> = {
  part: "notifications",
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
  tables: JournalTables,
  events: readonly VerificationEvent[],
): Promise<void> {
  const rows = events
    .map(({ verification }) => verification)
    .filter(isClosed)
    .map(toVerificationRow);
  await upsert(tables, VERIFICATIONS, rows);
  await markLate(tables.db, rows, Date.now());
}

/** Writes the notifications of the events; see {@link upsert}. */
export function recordNotifications(
  tables: JournalTables,
  events: readonly NotificationEvent[],
): Promise<void> {
  const rows = events.map(({ notification }) => toNotificationRow(notification));
  return upsert(tables, NOTIFICATIONS, rows);
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
  tables: JournalTables,
  events: readonly VerificationEvent[],
): Promise<ReadonlySet<string>> {
  const rows = await tables.use("verifications", events, createdAt, async (groups) => {
    const results = await Promise.all(groups.map((group) => revisionsOf(tables.db, group)));
    return results.flat();
  });
  const revisions = new Map(rows.map(({ id, revision }) => [id, revision]));
  const confirmed = events.filter(({ verification: { id, revision } }) => revisions.get(id) === revision);
  return new Set(confirmed.map(({ id }) => id));
}

function createdAt({ verification }: VerificationEvent): number {
  return verification.createdAt;
}

async function revisionsOf(
  db: D1Database,
  { table, items }: Group<VerificationEvent>,
): Promise<readonly Pick<Row, "id" | "revision">[]> {
  const keys = items.map(({ verification: { createdAt, id } }) => ({
    hour: hourOf(createdAt),
    minute: minuteOf(createdAt),
    tag: ownerOf(id),
    id,
  }));
  const { results } = await db
    .prepare(
      `SELECT v.id, v.revision FROM json_each(?1) AS event CROSS JOIN ${table.name} AS v
       ON v.hour = value ->> 'hour' ${table.isFormer ? "" : "AND v.minute = value ->> 'minute'"}
         AND v.number_tag = value ->> 'tag' AND v.id = value ->> 'id'`,
    )
    .bind(JSON.stringify(keys))
    .all<Pick<Row, "id" | "revision">>();
  return results;
}

function isClosed(verification: EventVerification): verification is ClosedVerification {
  return verification.closedAt !== null;
}

/** Inserts or updates rows. Repeats and any order give the same tables: the larger revision of a row wins. */
async function upsert<R extends Row>(
  tables: JournalTables,
  columns: Columns<R>,
  rows: readonly R[],
): Promise<void> {
  const newest = newestOf(rows);
  if (newest.length === 0) return;
  await tables.use(
    columns.part,
    newest,
    ({ created_at }) => created_at,
    async (groups) => {
      for (const { table, items } of groups) {
        const statement = tables.db.prepare(upsertInto(table, columns));
        // As one JSON parameter, because D1 allows a statement 100 parameters.
        for (const chunk of chunksOf(items)) await statement.bind(JSON.stringify(chunk)).run();
      }
    },
  );
}

function upsertInto<R extends Row>(
  table: JournalTable,
  { part, key: fullKey, fixed, current }: Columns<R>,
): string {
  const { name } = table;
  const has = (column: string) => hasColumn(part, table, column);
  const key = fullKey.filter(has);
  const columns = [...key, ...fixed, ...current].filter(has);
  return `
    INSERT INTO ${name} (${columns.join(", ")})
    SELECT ${columns.map((column) => `value ->> '$.${column}'`).join(", ")} FROM json_each(?1) WHERE true
    ON CONFLICT (${key.join(", ")}) DO UPDATE SET ${current
      .filter(has)
      .map((column) => `${column} = excluded.${column}`)
      .join(", ")}
    WHERE excluded.revision > ${name}.revision`;
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
