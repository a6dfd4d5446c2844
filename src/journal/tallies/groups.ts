import { IN_RANGE, range } from "../funnel-query.ts";
import type { JournalTables } from "../tables.ts";
import { type JournalTable, unionAll } from "../weeks.ts";
import { BUCKET, type CountedGroup } from "./tally.ts";

const GROUP_COLUMNS = "hour, app, country, channel, template, purpose, language, error, category, bucket";

/** Each row is read once, and once more to be sorted; the rest of a row, such as its messages, is not. */
const QUERY = `
  SELECT ${GROUP_COLUMNS}, count(*) AS started, sum(sent) AS sent, sum(delivered) AS delivered, sum(read) AS read,
    sum(billed) AS billed
  FROM (
    SELECT created_at / 3600000 AS hour, app, country, channel, template, purpose, language, error_code AS error,
      price_category AS category, CASE status WHEN 'approved' THEN ${BUCKET} END AS bucket,
      sent_at IS NOT NULL AS sent, delivered_at IS NOT NULL AS delivered, read_at IS NOT NULL AS read,
      billed_messages AS billed
    FROM verifications WHERE ${IN_RANGE} LIMIT ?5
  )
  GROUP BY ${GROUP_COLUMNS}`;

/** Counts the verifications of a time by everything that can be grouped by. */
export async function readGroups(
  db: D1Database,
  from: number,
  to: number,
  maxRows = -1,
): Promise<readonly CountedGroup[]> {
  const [first, last, firstHour, lastHour] = range(from, to);
  const { results } = await db
    .prepare(QUERY)
    .bind(first, last, firstHour, lastHour, maxRows, null)
    .all<CountedGroup>();
  return results;
}

/** As {@link readGroups}; null where there are more rows than that. */
export async function readFewGroups(
  db: D1Database,
  from: number,
  to: number,
  maxRows: number,
): Promise<readonly CountedGroup[] | null> {
  const groups = await readGroups(db, from, to, maxRows + 1);
  return rowsOf(groups) > maxRows ? null : groups;
}

/** How many verifications groups have. */
export function rowsOf(groups: readonly CountedGroup[]): number {
  return groups.reduce((sum, { started }) => sum + started, 0);
}

/** Whether more verifications than that were started in a time. */
export async function hasMoreRows(db: D1Database, from: number, to: number, rows: number): Promise<boolean> {
  const found = await db
    .prepare(`SELECT 1 FROM verifications WHERE ${IN_RANGE} AND ?5 IS NULL LIMIT 1 OFFSET ${rows}`)
    .bind(...range(from, to), null, null)
    .first();
  return found !== null;
}

/** The first hour with verifications, from an hour on. */
export function nextHour(tables: JournalTables, from: number): Promise<number | null> {
  return firstFound(tables, (all) => all.toReversed(), "hour >= ?1 ORDER BY hour", from);
}

/** The last hour with verifications before an hour. */
export function previousHour(tables: JournalTables, before: number): Promise<number | null> {
  return firstFound(tables, (all) => all, "hour < ?1 ORDER BY hour DESC", before);
}

/** Looks table by table: SQLite would read a view as a whole to find its first row. */
function firstFound(
  tables: JournalTables,
  inOrder: (all: readonly JournalTable[]) => readonly JournalTable[],
  where: string,
  hour: number,
): Promise<number | null> {
  return tables.read("verifications", async (all) => {
    const hours = inOrder(all).map(
      ({ name }) => `SELECT * FROM (SELECT hour FROM ${name} WHERE ${where} LIMIT 1)`,
    );
    if (hours.length === 0) return null;
    return tables.db
      .prepare(`${unionAll(hours)} LIMIT 1`)
      .bind(hour)
      .first<number>("hour");
  });
}
