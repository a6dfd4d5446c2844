import { HOUR_MS } from "../platform/time.ts";
import { type JournalTable, type Part, parseWeek, selectMissing, unionAll } from "./weeks.ts";

/** A table or view of the database. */
export interface SchemaEntry {
  readonly name: string;
  readonly type: "table" | "view";
  /** The statement that created a view, or the model of the tables of weeks. */
  readonly sql: string | null;
}

/** The database's tables and views by their names. */
export type Schema = ReadonlyMap<string, SchemaEntry>;

/** Tables of a part to make and to drop. */
export interface Changes {
  readonly make: readonly JournalTable[];
  /** Names. */
  readonly drop: readonly string[];
}

/** Reads the tables and views of a part, or of all. */
export async function readSchema(db: D1Database, part: Part | "" = ""): Promise<Schema> {
  const { results } = await db
    .prepare(
      `SELECT name, type, CASE WHEN type = 'view' OR name GLOB '*_week' THEN sql END AS sql FROM sqlite_schema
       WHERE type IN ('table', 'view') AND name GLOB ?1`,
    )
    .bind(`${part}*`)
    .all<SchemaEntry>();
  return new Map(results.map((entry) => [entry.name, entry]));
}

/**
 * The statements that add to the tables of weeks the columns that a later migration has added to their model. Of
 * constraints, NOT NULL and DEFAULT go along.
 */
export async function statementsForColumns(db: D1Database, part: Part): Promise<readonly string[]> {
  const { results } = await db
    .prepare(
      `SELECT 'ALTER TABLE ' || week.name || ' ADD COLUMN ' || model.name || ' ' || model.type
         || iif(model."notnull", ' NOT NULL', '') || coalesce(' DEFAULT ' || model.dflt_value, '') AS sql
       FROM sqlite_schema AS week JOIN pragma_table_info(?1) AS model
       WHERE week.type = 'table' AND week.name GLOB ?2 AND model.name NOT IN (SELECT name FROM pragma_table_info(week.name))
       ORDER BY week.name, model.cid`,
    )
    .bind(`${part}_week`, `${part}_[0-9]*`)
    .all<{ readonly sql: string }>();
  return results.map(({ sql }) => sql);
}

/** The name of the table with the rows from before there were weeks; null where there is none. */
export function formerTable(schema: Schema, part: Part): string | null {
  // Before migration 0012, for the minutes between a deploy and the migration.
  if (schema.get(part)?.type === "table") return part;
  const name = `${part}_before_weeks`;
  return schema.has(name) ? name : null;
}

/** The tables of weeks, newest first. */
export function weekTables(schema: Schema, part: Part): readonly JournalTable[] {
  return [...schema.keys()]
    .flatMap((name) => parseWeek(part, name) ?? [])
    .toSorted((one, other) => other.from - one.from);
}

/** The statements that make and drop tables of a part, and replace its views where they do not fit its tables. */
export function statementsFor(part: Part, schema: Schema, { make, drop }: Changes): readonly string[] {
  const model = schema.get(`${part}_week`);
  // Before migration 0012 every row goes to the former table.
  if (model?.sql == null || schema.get(part)?.type === "table") return [];
  const { sql } = model;
  const missing = make.filter(({ name }) => !schema.has(name));
  const weeks = [...weekTables(schema, part), ...missing]
    .filter(({ name }) => !drop.includes(name))
    .toSorted((one, other) => other.from - one.from);
  const former = formerTable(schema, part);
  const kept = former !== null && drop.includes(former) ? null : former;
  const views =
    part === "verifications"
      ? [viewOf(part, weeks, kept), ...hoursView(weeks, kept)]
      : [viewOf(part, weeks, kept)];
  return [
    ...new Set(missing.map(({ name }) => sql.replace(`TABLE ${part}_week`, `TABLE IF NOT EXISTS ${name}`))),
    ...drop.filter((name) => schema.has(name)).map((name) => `DROP TABLE IF EXISTS ${name}`),
    ...views
      .filter((view) => schema.get(view.name)?.sql !== view.sql)
      .flatMap((view) => [`DROP VIEW IF EXISTS ${view.name}`, view.sql]),
  ];
}

interface View {
  readonly name: string;
  readonly sql: string;
}

function viewOf(part: Part, weeks: readonly JournalTable[], former: string | null): View {
  const missing = selectMissing(part, { isFormer: true });
  const queries = [
    ...weeks.map(({ name }) => `SELECT * FROM ${name}`),
    `SELECT * FROM ${part}_week`,
    ...(former === null ? [] : [`SELECT *${missing} FROM ${former}`]),
  ];
  return { name: part, sql: `CREATE VIEW ${part} AS ${unionAll(queries)}` };
}

/** The hours of all tables, by which people look for a number by hand. */
function hoursView(weeks: readonly JournalTable[], former: string | null): readonly View[] {
  const [newest, oldest] = [weeks[0], weeks.at(-1)];
  if (newest === undefined || oldest === undefined) return [];
  const first = oldest.from / HOUR_MS;
  const begin = former === null ? first : `(SELECT coalesce(min(hour), ${first}) FROM ${former})`;
  const sql = `CREATE VIEW verification_hours (hour) AS WITH RECURSIVE hours (hour) AS (
    SELECT min(${newest.to / HOUR_MS - 1}, unixepoch('now') / 3600)
    UNION ALL SELECT hour - 1 FROM hours WHERE hour > ${begin}
  ) SELECT hour FROM hours`;
  return [{ name: "verification_hours", sql }];
}
