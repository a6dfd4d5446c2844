import { chunksOf } from "../platform/chunks.ts";

/** A row of any of the journal's tables. */
interface Row {
  readonly id: string;
  readonly revision: number;
}

/** How a table is written: it has no index, so a row costs one row written, and so does each piece of news. */
export interface Table<R extends Row> {
  readonly name: string;
  /** The primary key. It never changes, and neither does what is fixed. */
  readonly key: readonly (keyof R & string)[];
  readonly fixed: readonly (keyof R & string)[];
  /** What news can change. */
  readonly current: readonly (keyof R & string)[];
}

/**
 * Writes rows down. Repeats and any order end in the same rows: of two states of one thing, the one with the
 * larger revision stands. All rows travel as one JSON parameter, for a statement takes a hundred parameters.
 */
export async function upsert<R extends Row>(
  db: D1Database,
  { name, key, fixed, current }: Table<R>,
  states: readonly R[],
): Promise<void> {
  const columns = [...key, ...fixed, ...current];
  const statement = db.prepare(`
    INSERT INTO ${name} (${columns.join(", ")})
    SELECT ${columns.map((column) => `value ->> '$.${column}'`).join(", ")} FROM json_each(?1) WHERE true
    ON CONFLICT (${key.join(", ")}) DO UPDATE SET ${current.map((column) => `${column} = excluded.${column}`).join(", ")}
    WHERE excluded.revision > ${name}.revision`);
  for (const rows of chunksOf(newest(states))) await statement.bind(JSON.stringify(rows)).run();
}

/** Older states of the same thing need not be written at all. */
function newest<R extends Row>(states: readonly R[]): readonly R[] {
  const byId = new Map<string, R>();
  for (const state of states) {
    const known = byId.get(state.id);
    if (known === undefined || state.revision > known.revision) byId.set(state.id, state);
  }
  return [...byId.values()];
}
