import type { AppScope } from "../ids/app-name.ts";
import { countRows, findCountedFrom } from "./exact-stats.ts";
import type { Stats, StatsQuery } from "./funnel.ts";
import type { JournalTables } from "./tables.ts";
import { readTallyState } from "./tallies/state.ts";
import { needsTallies, readTallied } from "./tallies/stats.ts";

/**
 * Counts the closed verifications of a range, by group: row by row, or from the tallies where there are too many rows
 * or no longer all of them. Until the tallies are complete, only the newest verifications of too many are counted.
 */
export async function readStats(tables: JournalTables, app: AppScope, query: StatsQuery): Promise<Stats> {
  const { from, to } = query;
  const { db } = tables;
  const state = await readTallyState(db);
  const isTallied = state !== null && state.firstHour === 0;
  if (isTallied && (await needsTallies(db, query, state))) {
    const stats = await readTallied(tables, app, query, state);
    if (stats !== null) return stats;
  }
  const countedFrom = await findCountedFrom(tables, app, from, to);
  const tallied = isTallied && countedFrom > from ? await readTallied(tables, app, query, state) : null;
  return tallied ?? tables.readView("verifications", () => countRows(db, app, query, countedFrom));
}
