import type { AppScope } from "../../ids/app-name.ts";
import { chunksOf } from "../../platform/chunks.ts";
import type { Grouping } from "../funnel-query.ts";
import { DIMENSIONS, type Dimension, dimensionOf, PeriodTallies } from "./dimensions.ts";
import { FIGURES, type Tally } from "./tally.ts";

export type TallyTable = "tally_hours" | "tally_days";

/** A condition on the first column of the key, so that the second one can be searched by. */
const EVERY_DIMENSION = `dimension IN (${DIMENSIONS.map((dimension) => `'${dimension}'`).join(", ")})`;

/**
 * Replaces the rows of a period, in one transaction. What has not changed is not written, so that a repeat costs
 * nothing.
 */
export async function replacePeriod(
  db: D1Database,
  table: TallyTable,
  period: number,
  tallies: PeriodTallies,
): Promise<void> {
  const rows = tallies
    .rows()
    .map(({ dimension, app, name, tally }) => [
      dimension,
      app,
      name,
      ...tally.figures,
      JSON.stringify(Object.fromEntries([...tally.billed].toSorted())),
    ]);
  const names = rows.map((row) => row.slice(0, 3));
  const upsert = db.prepare(upsertOf(table));
  await db.batch([
    db
      .prepare(
        `DELETE FROM ${table} WHERE ${EVERY_DIMENSION} AND period = ?1 AND (dimension, app, name) NOT IN (
           SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?2)
         )`,
      )
      .bind(period, JSON.stringify(names)),
    ...[...chunksOf(rows)].map((chunk) => upsert.bind(period, JSON.stringify(chunk))),
  ]);
}

function upsertOf(table: TallyTable): string {
  const current = [...FIGURES, "billed"];
  const columns = ["dimension", "app", "name", ...current];
  return `
    INSERT INTO ${table} (period, ${columns.join(", ")})
    SELECT ?1, ${columns.map((_, at) => `value ->> ${at}`).join(", ")} FROM json_each(?2) WHERE true
    ON CONFLICT (dimension, period, app, name) DO UPDATE SET
      ${current.map((column) => `${column} = excluded.${column}`).join(", ")}
    WHERE ${current.map((column) => `${column} <> excluded.${column}`).join(" OR ")}`;
}

/** Adds up the hours of a day. */
export async function sumOfDay(db: D1Database, day: number): Promise<PeriodTallies> {
  const { results } = await db
    .prepare(`SELECT * FROM tally_hours WHERE ${EVERY_DIMENSION} AND period >= ?1 AND period < ?2`)
    .bind(day * 24, day * 24 + 24)
    .all<StoredTally & { readonly dimension: Dimension; readonly app: string; readonly name: string }>();
  const tallies = new PeriodTallies();
  for (const row of results) {
    const tally = tallies.tallyOf(row.dimension, row.app, row.name);
    tally.addFigures(figuresOf(row));
    const billed: Readonly<Record<string, number>> = JSON.parse(row.billed);
    for (const [key, messages] of Object.entries(billed)) tally.addBilled(key, messages);
  }
  return tallies;
}

type StoredTally = Readonly<Record<string, number>> & { readonly billed: string };

function figuresOf(row: Readonly<Record<string, number>>): readonly number[] {
  return FIGURES.map((figure) => row[figure] ?? 0);
}

/** Deletes the rows of periods before one. */
export async function deletePeriodsBefore(db: D1Database, table: TallyTable, period: number): Promise<void> {
  await db.prepare(`DELETE FROM ${table} WHERE ${EVERY_DIMENSION} AND period < ?1`).bind(period).run();
}

/** The days that have tallies of hours, from a day, inclusive, to another, exclusive. */
export async function daysWithHours(db: D1Database, from: number, to: number): Promise<readonly number[]> {
  const { results } = await db
    .prepare(
      `SELECT DISTINCT period / 24 AS day FROM tally_hours
       WHERE dimension = 'all' AND period >= ?1 AND period < ?2 ORDER BY day`,
    )
    .bind(from * 24, to * 24)
    .all<{ readonly day: number }>();
  return results.map(({ day }) => day);
}

/** Whole hours of the hour table on both sides of whole days of the day table. Upper bounds are exclusive. */
export interface Periods {
  readonly from: number;
  readonly fromDay: number;
  readonly toDay: number;
  readonly to: number;
}

const PERIODS = `(
  SELECT *, period AS hour FROM tally_hours WHERE dimension = ?1 AND period >= ?2 AND period < ?3
  UNION ALL SELECT *, period * 24 FROM tally_days WHERE dimension = ?1 AND period >= ?4 AND period < ?5
  UNION ALL SELECT *, period FROM tally_hours WHERE dimension = ?1 AND period >= ?6 AND period < ?7
) WHERE (?8 IS NULL OR app = ?8)`;

function periodValues(
  dimension: Dimension,
  { from, fromDay, toDay, to }: Periods,
): readonly (string | number)[] {
  const hours =
    fromDay < toDay ? [from, fromDay * 24, fromDay, toDay, toDay * 24, to] : [from, to, 0, 0, 0, 0];
  return [dimension, ...hours];
}

/** How many verifications the tallies of a time have, and how many of them are older than an hour. */
export async function talliedIn(
  db: D1Database,
  periods: Periods,
  before: number,
): Promise<{ readonly rows: number; readonly older: number }> {
  const counted = await db
    .prepare(
      `SELECT coalesce(sum(started), 0) AS rows, coalesce(sum(started * (hour < ?9)), 0) AS older FROM ${PERIODS}`,
    )
    .bind(...periodValues("all", periods), null, before)
    .first<{ readonly rows: number; readonly older: number }>();
  return counted ?? { rows: 0, older: 0 };
}

/** Adds up the tallies of a time by group, whose key is the value of the column that is grouped by. */
export async function sumPeriods(
  db: D1Database,
  app: AppScope,
  by: Grouping,
  periods: Periods,
  tallyOf: (key: string | number) => Tally,
): Promise<void> {
  const key = by === "hour" || by === "app" ? by : "name";
  const values = [...periodValues(dimensionOf(by), periods), app];
  const sums = FIGURES.map((figure) => `sum(${figure}) AS ${figure}`).join(", ");
  const [figures, billed] = await db.batch([
    db.prepare(`SELECT ${key} AS key, ${sums} FROM ${PERIODS} GROUP BY key`).bind(...values),
    db
      .prepare(
        `SELECT ${key} AS key, bill.key AS billed, sum(bill.value) AS messages
         FROM (SELECT hour, app, name, billed FROM ${PERIODS}), json_each(billed) AS bill GROUP BY 1, 2`,
      )
      .bind(...values),
  ]);
  for (const row of (figures?.results ?? []) as SummedFigures[]) tallyOf(row.key).addFigures(figuresOf(row));
  for (const row of (billed?.results ?? []) as SummedBill[])
    tallyOf(row.key).addBilled(row.billed, row.messages);
}

type SummedFigures = Readonly<Record<string, number>> & { readonly key: never };

interface SummedBill {
  readonly key: string | number;
  readonly billed: string;
  readonly messages: number;
}
