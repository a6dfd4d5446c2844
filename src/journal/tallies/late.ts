import { HOUR_MS } from "../../platform/time.ts";
import { hourOf } from "../rows.ts";
import { FINAL_AFTER_MS } from "./stages.ts";

/** An hour that got a row after it was final. */
export interface LateHour {
  readonly hour: number;
  readonly markedAt: number;
}

/** Marked an hour early: the last regular fold may be running. */
const LATE_AFTER_MS = FINAL_AFTER_MS - HOUR_MS;

/** Marks the hours of rows that are final, to be folded again. To be called after the rows are written. */
export async function markLate(
  db: D1Database,
  rows: readonly { readonly created_at: number }[],
  now: number,
): Promise<void> {
  const hours = new Set(rows.map((row) => hourOf(row.created_at)));
  const late = [...hours].filter((hour) => (hour + 1) * HOUR_MS + LATE_AFTER_MS <= now);
  if (late.length === 0) return;
  await db
    .prepare(`INSERT OR REPLACE INTO tally_late (hour, marked_at) SELECT value, ?2 FROM json_each(?1)`)
    .bind(JSON.stringify(late), now)
    .run();
}

/** The oldest of the marked hours. */
export async function readLate(db: D1Database): Promise<readonly LateHour[]> {
  const { results } = await db
    .prepare("SELECT hour, marked_at AS markedAt FROM tally_late ORDER BY hour LIMIT 100")
    .all<LateHour>();
  return results;
}

/** Deletes a mark, unless the hour was marked again meanwhile. */
export async function unmark(db: D1Database, { hour, markedAt }: LateHour): Promise<void> {
  await db.prepare("DELETE FROM tally_late WHERE hour = ?1 AND marked_at = ?2").bind(hour, markedAt).run();
}
