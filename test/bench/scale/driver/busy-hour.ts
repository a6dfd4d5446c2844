import type { Position } from "../../../../src/journal/filter.ts";
import { Journal } from "../../../../src/journal/journal.ts";
import { JournalTables } from "../../../../src/journal/tables.ts";
import { HOUR_MS, MINUTE_MS } from "../../../../src/platform/time.ts";
import type { Result, Verdict } from "../protocol.ts";
import { NOW } from "./history.ts";
import type { MeteredDatabase } from "./metered-database.ts";
import { insertRows } from "./rows.ts";

const MAX_ROWS_OF_A_PAGE = 3_000;
const PAGES = 5;

const FILTERS = [
  { name: "a page", filter: {} },
  { name: "a page of one status", filter: { status: "expired" } },
  // None of the rows.
  { name: "a page of a status that is rare", filter: { status: "failed" } },
] as const;

/** Reads pages of the list in an hour with many verifications. */
export async function measurePages(database: MeteredDatabase, rows: number): Promise<Result> {
  const tables = new JournalTables(database.db);
  for (let from = NOW - HOUR_MS; from < NOW; from += MINUTE_MS) {
    await insertRows(tables, { from, ms: MINUTE_MS, rows: Math.round((rows * MINUTE_MS) / HOUR_MS) });
  }
  const journal = new Journal(database.db);
  const verdicts: Verdict[] = [];
  for (const { name, filter } of FILTERS) {
    let most = 0;
    let after: Position | undefined;
    for (let page = 0; page < PAGES; page += 1) {
      const { result, usage } = await database.measure(() =>
        journal.list(null, { ...filter, limit: 50, after }),
      );
      most = Math.max(most, usage.rowsRead);
      after = result.next ?? undefined;
    }
    const id = name.replaceAll(" ", "_");
    const title = `${name} of an hour of ${rows.toLocaleString("en")}: rows read`;
    verdicts.push({ id, title, figure: most, limit: MAX_ROWS_OF_A_PAGE });
  }
  return { verdicts, note: `pages of an hour of ${rows} rows` };
}
