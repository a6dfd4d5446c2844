import type { AppScope } from "../ids/app-name.ts";
import { ownerOf, type VerificationId } from "../ids/verification-id.ts";
import { MINUTE_MS } from "../platform/time.ts";
import {
  allOf,
  conditionsOf,
  type JournalFilter,
  type JournalPage,
  newestFirst,
  Parameters,
  type Position,
} from "./filter.ts";
import { fromVerificationRow, hourOf, minuteOf, type VerificationRow } from "./rows.ts";
import { type JournalTable, selectMissing, unionAll } from "./weeks.ts";

/**
 * Rows that one page scans: this bounds its cost, however rare a match of the filter is and however full a minute. Up to
 * so many rows a minute, 23 a second, the list is in the order of time.
 */
export const MAX_SCANNED = 1_400;

/** No id comes after it. */
const LAST_ID = `vrf_${"z".repeat(25)}w` as VerificationId;

/** What a scan reads of a row. */
export interface ScannedRow {
  readonly created_at: number;
  readonly id: VerificationId;
  /** Whether the filter applies to it: 0 or 1. */
  readonly matches: number;
  /** 1 for a row of the table from before there were weeks, which is scanned in the order of time. */
  readonly is_former: number;
}

/** The rows that a page is chosen from. */
export interface Scan {
  /** In the order of their minutes, newest first, and in a minute by their ids, descending. */
  readonly rows: readonly ScannedRow[];
  /** Whether there may be more. */
  readonly isCut: boolean;
}

/**
 * Reads a page of the list of all numbers: it scans the keys of the tables, which are in the order of minutes, and then
 * reads the rows that it has chosen.
 */
export async function scanPage(
  db: D1Database,
  tables: readonly JournalTable[],
  app: AppScope,
  filter: JournalFilter,
): Promise<JournalPage> {
  const scan = await scanFrom(db, tables, app, filter);
  const unfinished = unfinishedMinute(scan);
  const { after, limit } = filter;
  if (after !== undefined && after.byId !== true && unfinished === minuteStart(after.createdAt)) {
    return toPage(db, tables, await leaveTimeOrder(db, tables, app, { ...filter, after }));
  }
  return toPage(db, tables, choose(scan, limit, after, unfinished));
}

async function scanFrom(
  db: D1Database,
  tables: readonly JournalTable[],
  app: AppScope,
  filter: JournalFilter,
): Promise<Scan> {
  const { after, from = 0, to = Number.MAX_SAFE_INTEGER } = filter;
  const end = after === undefined ? to : after.createdAt + 1;
  const parameters = new Parameters();
  const conditions = conditionsOf(app, filter, parameters);
  if (after?.byId === true) conditions.push(`created_at <= ${parameters.add(after.createdAt)}`);
  const matches = allOf(conditions);
  const count = parameters.add(MAX_SCANNED + 1);
  const scans = tables
    .filter((table) => table.from < end && table.to > from)
    .map(({ name, isFormer }) => {
      const columns = `created_at, id, ${matches} AS matches, ${Number(isFormer)} AS is_former`;
      const [range, order] = isFormer
        ? [formerRange(filter, parameters), "hour DESC, created_at DESC, id DESC"]
        : [weekRange(filter, parameters), "hour DESC, minute DESC, number_tag DESC, id DESC"];
      return `SELECT * FROM (SELECT ${columns} FROM ${name} WHERE ${allOf(range)} ORDER BY ${order} LIMIT ${count})`;
    });
  if (scans.length === 0) return { rows: [], isCut: false };
  const { results } = await db
    .prepare(`${unionAll(scans)} LIMIT ${count}`)
    .bind(...parameters.values)
    .all<ScannedRow>();
  return { rows: results.slice(0, MAX_SCANNED), isCut: results.length > MAX_SCANNED };
}

/**
 * The page after a position in a minute that was sorted then, and has become too full since: the rest of the position's
 * millisecond. From there on the minute is listed by id, without what is newer.
 */
async function leaveTimeOrder(
  db: D1Database,
  tables: readonly JournalTable[],
  app: AppScope,
  filter: JournalFilter & { readonly after: Position },
): Promise<Choice> {
  const { after, limit } = filter;
  const { createdAt, id } = after;
  const parameters = new Parameters();
  const matches = allOf(conditionsOf(app, filter, parameters));
  const where = `hour = ${parameters.add(hourOf(createdAt))} AND minute = ${parameters.add(minuteOf(createdAt))}
    AND created_at = ${parameters.add(createdAt)} AND id < ${parameters.add(id)} AND ${matches}`;
  const reads = tables
    .filter((table) => createdAt >= table.from && createdAt < table.to)
    .map(({ name }) => `SELECT id FROM ${name} WHERE ${where} ORDER BY id DESC LIMIT ${limit + 1}`);
  const { results } = await db
    .prepare(unionAll(reads))
    .bind(...parameters.values)
    .all<{ readonly id: VerificationId }>();
  const ids = results.slice(0, limit).map((row) => ({ createdAt, id: row.id }));
  const last = ids.at(-1) ?? after;
  const isInMinute = minuteStart(createdAt - 1) === minuteStart(createdAt);
  const rest = isInMinute ? ({ createdAt: createdAt - 1, id: LAST_ID, byId: true } as const) : last;
  return { ids, next: results.length > limit ? last : rest };
}

/** The part of a week's key that a page scans. What exceeds the range within its first and last minute is filtered. */
function weekRange({ after, from, to }: JournalFilter, parameters: Parameters): string[] {
  const key = (...values: readonly (string | number)[]) =>
    `(${values.map((value) => parameters.add(value)).join(", ")})`;
  const minuteKey = (time: number) => key(hourOf(time), minuteOf(time));
  const range = from === undefined ? [] : [`(hour, minute) >= ${minuteKey(from)}`];
  if (after === undefined) return to === undefined ? range : [...range, `(hour, minute) <= ${minuteKey(to)}`];
  const { createdAt, id, byId } = after;
  const [hour, minute] = [hourOf(createdAt), minuteOf(createdAt)];
  return byId === true
    ? [...range, `(hour, minute, number_tag, id) < ${key(hour, minute, ownerOf(id), id)}`]
    : [...range, `(hour, minute) <= ${key(hour, minute)}`, `(created_at, id) < ${key(createdAt, id)}`];
}

function formerRange({ after, from, to }: JournalFilter, parameters: Parameters): string[] {
  const end = after?.createdAt ?? to;
  return [
    ...(from === undefined ? [] : [`hour >= ${parameters.add(hourOf(from))}`]),
    ...(end === undefined ? [] : [`hour <= ${parameters.add(hourOf(end))}`]),
    ...(after === undefined
      ? []
      : [`(created_at, id) < (${parameters.add(after.createdAt)}, ${parameters.add(after.id)})`]),
  ];
}

/** The minute that a scan has ended in, of which it may not have seen all rows; null where it has seen all. */
function unfinishedMinute({ rows, isCut }: Scan): number | null {
  const last = rows.at(-1);
  return isCut && last !== undefined && last.is_former === 0 ? minuteStart(last.created_at) : null;
}

/** What a page contains, and where it ends. */
interface Choice {
  readonly ids: readonly Position[];
  readonly next: Position | null;
}

/**
 * Chooses a page of a scan. Minutes that the scan has seen as a whole are sorted by time. Where not even the first one
 * is, the page is a part of it in the order of its key, and so are the pages that follow in it.
 *
 * @param unfinished The minute that the scan has not seen as a whole, null for none.
 */
export function choose(
  { rows, isCut }: Scan,
  limit: number,
  after: Position | undefined,
  unfinished: number | null,
): Choice {
  const [first, last] = [rows[0], rows.at(-1)];
  if (first === undefined || last === undefined) return { ids: [], next: null };
  const minute = minuteStart(first.created_at);
  const goesOnById = after?.byId === true && minuteStart(after.createdAt) === minute;
  if (goesOnById || minute === unfinished) {
    const inMinute = rows.filter((row) => minuteStart(row.created_at) === minute);
    const chosen = inMinute.filter(isMatch).slice(0, limit);
    const end = (chosen.length === limit ? chosen.at(-1) : undefined) ?? inMinute.at(-1) ?? first;
    const isLast = end === last && !isCut;
    const newest = goesOnById ? after.createdAt : minute + MINUTE_MS - 1;
    return {
      ids: chosen.map(positionOf).toSorted(newestFirst),
      next: isLast ? null : { createdAt: newest, id: end.id, byId: true },
    };
  }
  const sorted = rows
    .filter((row) => minuteStart(row.created_at) !== unfinished)
    .map((row) => ({ ...positionOf(row), isMatch: isMatch(row) }))
    .toSorted(newestFirst);
  const found = sorted.filter((position) => position.isMatch).map(({ createdAt, id }) => ({ createdAt, id }));
  const ids = found.slice(0, limit);
  const seen = sorted.at(-1) ?? null;
  if (found.length > limit) return { ids, next: ids.at(-1) ?? null };
  return { ids, next: isCut && seen !== null ? { createdAt: seen.createdAt, id: seen.id } : null };
}

/** Reads the rows of a page by their keys. One that retention has removed meanwhile is left out. */
async function toPage(
  db: D1Database,
  tables: readonly JournalTable[],
  { ids, next }: Choice,
): Promise<JournalPage> {
  const parameters = new Parameters();
  const reads = tables.flatMap((table) => {
    const { name, isFormer, from, to } = table;
    const keys = ids
      .filter(({ createdAt }) => createdAt >= from && createdAt < to)
      .map(({ createdAt, id }) => ({
        hour: hourOf(createdAt),
        minute: minuteOf(createdAt),
        tag: ownerOf(id),
        id,
      }));
    if (keys.length === 0) return [];
    const minute = isFormer ? "" : "AND v.minute = value ->> 'minute'";
    return `SELECT v.*${selectMissing("verifications", table)} FROM json_each(${parameters.add(JSON.stringify(keys))}) CROSS JOIN ${name} AS v
      ON v.hour = value ->> 'hour' ${minute} AND v.number_tag = value ->> 'tag' AND v.id = value ->> 'id'`;
  });
  if (reads.length === 0) return { verifications: [], next };
  const { results } = await db
    .prepare(unionAll(reads))
    .bind(...parameters.values)
    .all<VerificationRow>();
  const rows = new Map(results.map((row) => [row.id, row]));
  return {
    verifications: ids.flatMap(({ id }) => {
      const row = rows.get(id);
      return row === undefined ? [] : fromVerificationRow(row);
    }),
    next,
  };
}

function minuteStart(time: number): number {
  return time - (time % MINUTE_MS);
}

function isMatch({ matches }: ScannedRow): boolean {
  return matches === 1;
}

function positionOf({ created_at: createdAt, id }: ScannedRow): Position {
  return { createdAt, id };
}
