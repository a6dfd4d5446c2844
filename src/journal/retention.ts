import { hourOf } from "./rows.ts";

/** Rows are deleted in steps: none blocks the database for long, and all steps of a run fit a run's time limit. */
const ROWS_PER_STEP = 5_000;
const STEPS_PER_RUN = 40;

/** A table whose rows are found by time with the first column of its key. */
interface RetainedTable {
  readonly name: string;
  readonly key: readonly [time: string, ...rest: string[]];
  /** Converts milliseconds since the epoch to the unit of the key's first column. */
  readonly toKey: (time: number) => number;
}

const byTime = { key: ["created_at", "id"], toKey: (time: number) => time } as const;

const TABLES: readonly RetainedTable[] = [
  { name: "verifications", key: ["hour", "number_tag", "id"], toKey: hourOf },
  { name: "notifications", ...byTime },
  { name: "guard_decisions", ...byTime },
  { name: "audit", ...byTime },
];

/**
 * Deletes the rows of every table of the journal that were created before a time (milliseconds since the epoch),
 * oldest first; verifications by whole hours. What exceeds one run is left to the next.
 *
 * @returns How many rows were deleted.
 */
export async function deleteBefore(db: D1Database, time: number): Promise<number> {
  let deleted = 0;
  for (const table of TABLES) deleted += await deleteFrom(db, table, time);
  return deleted;
}

async function deleteFrom(
  db: D1Database,
  { name, key, toKey }: RetainedTable,
  time: number,
): Promise<number> {
  const columns = key.join(", ");
  const step = db
    .prepare(
      `DELETE FROM ${name} WHERE (${columns}) IN (
         SELECT ${columns} FROM ${name} WHERE ${key[0]} < ?1 ORDER BY ${columns} LIMIT ${ROWS_PER_STEP}
       )`,
    )
    .bind(toKey(time));
  let deleted = 0;
  for (let steps = 0; steps < STEPS_PER_RUN; steps += 1) {
    const { meta } = await step.run();
    deleted += meta.changes;
    if (meta.changes < ROWS_PER_STEP) break;
  }
  return deleted;
}
