import { formerTable, readSchema, weekTables } from "./schema.ts";
import type { JournalTables } from "./tables.ts";
import { PARTS, type Part, weeksAhead } from "./weeks.ts";

/** Rows are deleted in steps: none blocks the database for long, and all steps of a run fit a run's time limit. */
const ROWS_PER_STEP = 5_000;
const STEPS_PER_RUN = 40;

/** A table whose rows are deleted one by one, found by time with the first column of its key. */
interface RetainedTable {
  readonly name: string;
  readonly key: readonly [time: string, ...rest: string[]];
  /** Milliseconds since the epoch in the unit of the key's first column. */
  readonly unitMs: number;
}

const BY_TIME = { key: ["created_at", "id"], unitMs: 1 } as const;
const KEYS: Readonly<Record<Part, Omit<RetainedTable, "name">>> = {
  verifications: { key: ["hour", "number_tag", "id"], unitMs: 3_600_000 },
  notifications: BY_TIME,
  guard_decisions: BY_TIME,
};

/** What a daily run has removed. */
export interface Removed {
  readonly rows: number;
  /** The names of dropped tables. */
  readonly tables: readonly string[];
}

/** Makes the tables of the present and the next week. */
export async function makeTables(tables: JournalTables, now: number): Promise<void> {
  for (const part of PARTS) await tables.change(part, { make: weeksAhead(part, now), drop: [] });
}

/**
 * Removes what was created before a time (milliseconds since the epoch): of the audit and of the tables from before
 * there were weeks by rows, oldest first, where what exceeds one run is left to the next; of the rest by dropping the
 * tables whose newest row can only be older.
 */
export async function removeBefore(tables: JournalTables, time: number): Promise<Removed> {
  let rows = await deleteFrom(tables.db, { name: "audit", ...BY_TIME }, time);
  const dropped: string[] = [];
  for (const part of PARTS) {
    const schema = await readSchema(tables.db, part);
    const former = formerTable(schema, part);
    const drop = weekTables(schema, part).flatMap(({ name, to }) => (to <= time ? name : []));
    if (former !== null) {
      rows += await deleteFrom(tables.db, { name: former, ...KEYS[part] }, time);
      if (former !== part && (await isEmpty(tables.db, former))) drop.push(former);
    }
    if (drop.length > 0) await tables.change(part, { make: [], drop });
    dropped.push(...drop);
  }
  return { rows, tables: dropped };
}

async function isEmpty(db: D1Database, table: string): Promise<boolean> {
  return (await db.prepare(`SELECT 1 FROM ${table} LIMIT 1`).first()) === null;
}

async function deleteFrom(
  db: D1Database,
  { name, key, unitMs }: RetainedTable,
  time: number,
): Promise<number> {
  const columns = key.join(", ");
  const step = db
    .prepare(
      `DELETE FROM ${name} WHERE (${columns}) IN (
         SELECT ${columns} FROM ${name} WHERE ${key[0]} < ?1 ORDER BY ${columns} LIMIT ${ROWS_PER_STEP}
       )`,
    )
    .bind(Math.floor(time / unitMs));
  let deleted = 0;
  for (let steps = 0; steps < STEPS_PER_RUN; steps += 1) {
    const { meta } = await step.run();
    deleted += meta.changes;
    if (meta.changes < ROWS_PER_STEP) break;
  }
  return deleted;
}
