import type { PhoneNumberName } from "../../../../src/ids/phone-number-name.ts";
import { countRows } from "../../../../src/journal/exact-stats.ts";
import type { Position } from "../../../../src/journal/filter.ts";
import type { StatsQuery } from "../../../../src/journal/funnel.ts";
import type { Grouping } from "../../../../src/journal/funnel-query.ts";
import { Journal } from "../../../../src/journal/journal.ts";
import { JournalTables } from "../../../../src/journal/tables.ts";
import { readTallyState, type TallyState } from "../../../../src/journal/tallies/state.ts";
import { needsTallies, readTallied } from "../../../../src/journal/tallies/stats.ts";
import { DAY_MS, HOUR_MS } from "../../../../src/platform/time.ts";
import { ROW_BYTES } from "../../../../src/scale/per-verification.ts";
import type { Result, Verdict } from "../protocol.ts";
import { bytesVerdicts } from "./bytes.ts";
import type { Measured, MeteredDatabase } from "./metered-database.ts";
import { insertRows } from "./rows.ts";

/** The time of the measurement, in the middle of an hour: both ends of a time asked for are parts of an hour. */
export const NOW = Date.UTC(2026, 10, 30, 12, 30);
const DAYS = 90;

/** Statistics over this many days may read so many rows. */
const LIMITS = [
  { days: 31, rows: 100_000 },
  { days: 90, rows: 200_000 },
] as const;
const GROUPINGS: readonly Grouping[] = ["none", "country", "error"];
const MAX_SHARE_OF_TIME = 0.1;
const DAYS_OF_A_NUMBER = [10, 31] as const;
const MAX_ROWS_OF_A_DAY = 1_500;
const MAX_ROWS_OF_RETENTION = 10;

/** The first Monday of the history. */
const WEEK_END = Date.UTC(2026, 8, 7);

const MAX_ROW_BYTES = 620;

/** Fills the last 90 days evenly; `hoursADay` of each day have rows. */
export async function fillHistory(
  database: MeteredDatabase,
  { rows, hoursADay }: { readonly rows: number; readonly hoursADay: number },
): Promise<Result> {
  const tables = new JournalTables(database.db);
  const before = await database.size();
  const aDay = Math.round(rows / DAYS);
  for (let day = 0; day < DAYS; day += 1) {
    const from = NOW - (DAYS - day) * DAY_MS - (hoursADay < 24 ? NOW % HOUR_MS : 0);
    await insertRows(tables, { from, ms: hoursADay * HOUR_MS, rows: aDay });
  }
  const bytes = ((await database.size()) - before) / (aDay * DAYS);
  const expected = { limit: MAX_ROW_BYTES, assumed: ROW_BYTES };
  return { verdicts: bytesVerdicts("row", "a verification", bytes, expected), note: `${aDay * DAYS} rows` };
}

/** Folds the whole history, in as many runs as the product needs. */
export async function foldHistory(database: MeteredDatabase): Promise<Result> {
  const { db } = database;
  // The hour under way is folded only where it is busy.
  const ended = Math.floor(NOW / HOUR_MS);
  const { result: rows, usage } = await database.measure(async () => {
    while ((await readTallyState(db))?.firstHour !== 0) await new Journal(db).foldTallies(NOW, 10 * DAYS);
    return db
      .prepare("SELECT sum(started) AS n FROM tally_hours WHERE dimension = 'all' AND period < ?1")
      .bind(ended)
      .first<number>("n");
  });
  const inserted = await db
    .prepare("SELECT count(*) AS n FROM verifications WHERE hour < ?1")
    .bind(ended)
    .first<number>("n");
  if (rows !== inserted) throw new Error(`Of ${inserted} rows ${rows} were folded`);
  const each = (figure: number) => (figure / (rows ?? 1)).toFixed(2);
  const note = `${rows} rows folded, ${each(usage.rowsRead)} rows read and ${each(usage.rowsWritten)} written for each`;
  return { verdicts: [], note };
}

/**
 * Compares statistics from tallies with the count of the same rows, as it was before there were tallies. Times are the
 * database's own.
 *
 * @param rounds How often each is measured; the shortest time counts.
 */
export async function measureStatistics(database: MeteredDatabase, rounds: number): Promise<Result> {
  const state = await readTallyState(database.db);
  if (state === null) throw new Error("Nothing has been folded");
  const verdicts: Verdict[] = [];
  const notes: string[] = [];
  for (const { days, rows } of LIMITS) {
    const ofDays = (by: Grouping): StatsQuery => ({ from: NOW - days * DAY_MS, to: NOW, by, prices: {} });
    const counted = await shortest(database, rounds, () =>
      countRows(database.db, null, ofDays("none"), NOW - days * DAY_MS),
    );
    for (const by of GROUPINGS) {
      const { result, usage } = await shortest(database, rounds, () =>
        fromTallies(database.db, ofDays(by), state),
      );
      const started = result.reduce((sum, funnel) => sum + funnel.started, 0);
      const expected = counted.result.funnels[0]?.started;
      if (started !== expected) throw new Error(`Tallies by ${by} count ${started} of ${expected}`);
      const title = `statistics over ${days} days${by === "none" ? "" : ` by ${by}`}`;
      verdicts.push(
        {
          id: `stats_${days}_${by}_rows_read`,
          title: `${title}: rows read`,
          figure: usage.rowsRead,
          limit: rows,
        },
        {
          id: `stats_${days}_${by}_time`,
          title: `${title}: time, of that of a count of the same rows`,
          figure: usage.ms / counted.usage.ms,
          limit: MAX_SHARE_OF_TIME,
        },
      );
    }
    const { ms, rowsRead } = counted.usage;
    notes.push(`a count of the rows of ${days} days took ${ms} ms and read ${rowsRead} rows`);
  }
  return { verdicts, note: notes.join("; ") };
}

async function shortest<Value>(
  database: MeteredDatabase,
  rounds: number,
  work: () => Promise<Value>,
): Promise<Measured<Value>> {
  const measured: Measured<Value>[] = [];
  for (let round = 0; round < rounds; round += 1) measured.push(await database.measure(work));
  const [best] = measured.toSorted((a, b) => a.usage.ms - b.usage.ms);
  if (best === undefined) throw new Error("Nothing was measured");
  return best;
}

async function fromTallies(db: D1Database, query: StatsQuery, state: TallyState) {
  await needsTallies(db, query, state);
  const stats = await readTallied(new JournalTables(db), null, query, state);
  if (stats === null || stats.countedFrom !== query.from || stats.countedTo !== query.to) {
    throw new Error("Tallies do not cover the time asked for");
  }
  return stats.funnels;
}

/** Reads a number's verifications, page by page. */
export async function measureNumber(database: MeteredDatabase): Promise<Result> {
  const { db } = database;
  const tag = await db
    .prepare("SELECT number_tag FROM verifications LIMIT 1")
    .first<PhoneNumberName>("number_tag");
  if (tag === null) throw new Error("There are no rows");
  const journal = new Journal(db);
  const verdicts: Verdict[] = [];
  for (const days of DAYS_OF_A_NUMBER) {
    const range = { from: NOW - days * DAY_MS, to: NOW };
    const { usage } = await database.measure(async () => {
      let after: Position | undefined;
      do {
        const { next } = await journal.list(null, { tags: [tag], limit: 50, ...range, after });
        after = next ?? undefined;
      } while (after !== undefined);
    });
    verdicts.push({
      id: `number_${days}_rows_read_a_day`,
      title: `a number's verifications of ${days} days: rows read a day`,
      figure: usage.rowsRead / days,
      limit: MAX_ROWS_OF_A_DAY,
    });
  }
  return { verdicts, note: "a number" };
}

/** Lets retention remove the first week. */
export async function measureRetention(database: MeteredDatabase): Promise<Result> {
  const rows = () =>
    database.db
      .prepare("SELECT count(*) AS n FROM verifications WHERE hour < ?1")
      .bind(WEEK_END / HOUR_MS)
      .first<number>("n");
  if ((await rows()) === 0) throw new Error("There are no rows to remove");
  const { usage } = await database.measure(() => new Journal(database.db).removeBefore(WEEK_END));
  if ((await rows()) !== 0) throw new Error("Retention left rows of the first week");
  const verdict: Verdict = {
    id: "retention_rows_written",
    title: "retention of a week: rows written",
    figure: usage.rowsWritten,
    limit: MAX_ROWS_OF_RETENTION,
  };
  return { verdicts: [verdict], note: `retention, which read ${usage.rowsRead} rows` };
}
