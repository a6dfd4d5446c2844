import type { AppScope } from "../ids/app-name.ts";
import { priceRows } from "../messages/prices.ts";
import { type Stats, type StatsQuery, toFunnels } from "./funnel.ts";
import { type FunnelRow, funnelQuery, IN_RANGE, range } from "./funnel-query.ts";
import type { JournalTables } from "./tables.ts";
import { unionAll } from "./weeks.ts";

/** Rows are counted one by one up to this many: this bounds a query to half a second, as measured. */
export const MAX_COUNTED = 200_000;

/** The start of the part of a range that can be counted row by row: its newest verifications. */
export function findCountedFrom(
  tables: JournalTables,
  app: AppScope,
  from: number,
  to: number,
): Promise<number> {
  // Not over the view, which SQLite would read and sort as a whole.
  return tables.read("verifications", async (all) => {
    const rows = all
      .filter((table) => table.from < to && table.to > from)
      .map(({ name, isFormer }) => {
        const order = isFormer ? "hour DESC" : "hour DESC, minute DESC";
        return `SELECT * FROM (SELECT created_at FROM ${name} WHERE ${IN_RANGE} ORDER BY ${order}, created_at DESC LIMIT -1)`;
      });
    if (rows.length === 0) return from;
    const uncounted = await tables.db
      .prepare(`SELECT created_at FROM (${unionAll(rows)}) LIMIT 1 OFFSET ${MAX_COUNTED}`)
      .bind(...range(from, to), null, app)
      .first<{ created_at: number }>();
    return uncounted === null ? from : uncounted.created_at + 1;
  });
}

/** Counts the rows of a range from `countedFrom` on. */
export async function countRows(
  db: D1Database,
  app: AppScope,
  query: StatsQuery,
  countedFrom: number,
): Promise<Stats> {
  const { to, by, prices } = query;
  const { results } = await db
    .prepare(funnelQuery(by))
    .bind(...range(countedFrom, to), JSON.stringify(priceRows(prices)), app)
    .all<FunnelRow>();
  return { countedFrom, countedTo: to, percentiles: "exact", funnels: toFunnels(results, query) };
}
