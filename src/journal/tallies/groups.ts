import { Parameters } from "../filter.ts";
import { hourOf, minuteOf } from "../rows.ts";
import { type JournalTable, unionAll } from "../weeks.ts";
import { BUCKET, type CountedGroup } from "./tally.ts";

const COLUMNS = `created_at / 3600000 AS hour, app, country, channel, template, purpose, language,
  error_code AS error, price_category AS category, CASE status WHEN 'approved' THEN ${BUCKET} END AS bucket,
  sent_at IS NOT NULL AS sent, delivered_at IS NOT NULL AS delivered, read_at IS NOT NULL AS read,
  billed_messages AS billed`;

const GROUP_COLUMNS =
  "hour, app, country, channel, template, purpose, sender, language, error, category, bucket";

/** Verifications that were started in a time, in milliseconds since the epoch, and the tables of the journal. */
export interface RowsOf {
  readonly tables: readonly JournalTable[];
  readonly from: number;
  readonly to: number;
}

/** Selects rows by the key of their table: hour and minute, or hour alone. Test numbers are left out. */
function selectRows(
  columnsOf: (table: JournalTable) => string,
  { tables, from, to }: RowsOf,
  parameters: Parameters,
): string | null {
  const key = (...values: readonly number[]) =>
    `(${values.map((value) => parameters.add(value)).join(", ")})`;
  const queries = tables
    .filter((table) => table.from < to && table.to > from)
    .map((table) => {
      const { name, isFormer } = table;
      const [first, last] = [from, to - 1].map((time) =>
        isFormer ? key(hourOf(time)) : key(hourOf(time), minuteOf(time)),
      );
      const columnsOfKey = isFormer ? "hour" : "(hour, minute)";
      return `SELECT ${columnsOf(table)} FROM ${name} WHERE ${columnsOfKey} >= ${first} AND ${columnsOfKey} <= ${last}
        AND created_at >= ${parameters.add(from)} AND created_at < ${parameters.add(to)} AND test = 0`;
    });
  return queries.length === 0 ? null : unionAll(queries);
}

/** Counts verifications by everything that can be grouped by. Each row is read once, and once more to be sorted. */
export async function readGroups(
  db: D1Database,
  rows: RowsOf,
  maxRows = -1,
): Promise<readonly CountedGroup[]> {
  const parameters = new Parameters();
  const selected = selectRows(
    ({ isFormer }) => `${COLUMNS}, ${isFormer ? "NULL" : "sender"} AS sender`,
    rows,
    parameters,
  );
  if (selected === null) return [];
  const { results } = await db
    .prepare(
      `SELECT ${GROUP_COLUMNS}, count(*) AS started, sum(sent) AS sent, sum(delivered) AS delivered,
         sum(read) AS read, sum(billed) AS billed
       FROM (${selected} LIMIT ${maxRows}) GROUP BY ${GROUP_COLUMNS}`,
    )
    .bind(...parameters.values)
    .all<CountedGroup>();
  return results;
}

/** As {@link readGroups}; null where there are more rows than that. */
export async function readFewGroups(
  db: D1Database,
  rows: RowsOf,
  maxRows: number,
): Promise<readonly CountedGroup[] | null> {
  const groups = await readGroups(db, rows, maxRows + 1);
  return rowsOf(groups) > maxRows ? null : groups;
}

/** How many verifications groups have. */
export function rowsOf(groups: readonly CountedGroup[]): number {
  return groups.reduce((sum, { started }) => sum + started, 0);
}

/** Whether there are more verifications than that. */
export async function hasMoreRows(db: D1Database, rows: RowsOf, count: number): Promise<boolean> {
  const parameters = new Parameters();
  const selected = selectRows(() => "1", rows, parameters);
  if (selected === null) return false;
  const found = await db
    .prepare(`SELECT 1 FROM (${selected}) LIMIT 1 OFFSET ${count}`)
    .bind(...parameters.values)
    .first();
  return found !== null;
}

/** The first hour with verifications, from an hour on. */
export function nextHour(
  db: D1Database,
  tables: readonly JournalTable[],
  from: number,
): Promise<number | null> {
  const oldestFirst = tables.filter(({ to }) => hourOf(to - 1) >= from).toReversed();
  return firstHour(db, oldestFirst, "hour >= ?1 ORDER BY hour", from);
}

/** The last hour with verifications before an hour. */
export function previousHour(
  db: D1Database,
  tables: readonly JournalTable[],
  before: number,
): Promise<number | null> {
  const newestFirst = tables.filter((table) => hourOf(table.from) < before);
  return firstHour(db, newestFirst, "hour < ?1 ORDER BY hour DESC", before);
}

/** SQLite asks one table after the other, until one has an answer. */
async function firstHour(
  db: D1Database,
  tables: readonly JournalTable[],
  condition: string,
  hour: number,
): Promise<number | null> {
  if (tables.length === 0) return null;
  const queries = tables.map(
    ({ name }) => `SELECT * FROM (SELECT hour FROM ${name} WHERE ${condition} LIMIT 1)`,
  );
  return db
    .prepare(`SELECT hour FROM (${unionAll(queries)}) LIMIT 1`)
    .bind(hour)
    .first<number>("hour");
}
