import type { AppScope } from "../ids/app-name.ts";
import type { PhoneNumberName } from "../ids/phone-number-name.ts";
import { verificationIdFor } from "../ids/verification-id.ts";
import { DAY_MS, HOUR_MS } from "../platform/time.ts";
import { allOf, conditionsOf, type JournalFilter, type JournalPage, Parameters } from "./filter.ts";
import { fromVerificationRow, hourOf, type VerificationRow } from "./rows.ts";
import { type JournalTable, selectMissing, unionAll } from "./weeks.ts";

/**
 * How far a page looks back. The key of a week begins with hour and minute, so that a day costs 1,440 look-ups. An index
 * would avoid them, but double the rows written for each verification.
 */
const DAYS_PER_PAGE = 10;

/** Up to this size of the database, some 14,000 rows, a page reads the rows of all days instead. */
const SMALL_BYTES = 8_000_000;

const MINUTES = Array.from({ length: 60 }, (_, minute) => minute).join(", ");

interface NumberFilter extends JournalFilter {
  readonly tags: readonly PhoneNumberName[];
}

/** Reads a page of one number's verifications, of which the limits of a number keep few. */
export async function findOfNumber(
  db: D1Database,
  tables: readonly JournalTable[],
  app: AppScope,
  filter: NumberFilter,
): Promise<JournalPage> {
  const { tags, after, limit } = filter;
  const bounds = await boundsOf(db, tables);
  const newest = Math.min(bounds.newest, hourOf(after?.createdAt ?? filter.to ?? Number.MAX_SAFE_INTEGER));
  const oldest = Math.max(bounds.oldest, hourOf(filter.from ?? 0));
  const { isSmall } = bounds;
  const last = isSmall ? oldest : Math.max(oldest, newest - (DAYS_PER_PAGE * DAY_MS) / HOUR_MS + 1);

  const parameters = new Parameters();
  const conditions = conditionsOf(app, filter, parameters);
  if (after !== undefined) {
    conditions.push(`(created_at, id) < (${parameters.add(after.createdAt)}, ${parameters.add(after.id)})`);
  }
  const tag = `number_tag IN (${tags.map((name) => parameters.add(name)).join(", ")})`;
  const where = allOf([tag, ...conditions]);
  const lookUps = tables.flatMap((table) => {
    const { name, isFormer, from, to } = table;
    const [first, end] = [Math.max(last, hourOf(from)), Math.min(newest, hourOf(to - 1))];
    if (first > end) return [];
    const columns = `v.*${selectMissing("verifications", table)}`;
    if (isSmall)
      return `SELECT ${columns} FROM ${name} AS v WHERE hour BETWEEN ${first} AND ${end} AND ${where}`;
    const hours = JSON.stringify(Array.from({ length: end - first + 1 }, (_, at) => end - at));
    const minute = isFormer ? "" : `AND minute IN (${MINUTES})`;
    return `SELECT ${columns} FROM (SELECT value AS looked_up FROM json_each(${parameters.add(hours)}))
      CROSS JOIN ${name} AS v ON hour = looked_up ${minute} WHERE ${where}`;
  });
  const rows = lookUps.length === 0 ? [] : await readRows(db, lookUps, limit + 1, parameters);
  const verifications = rows.slice(0, limit).map(fromVerificationRow);
  const end = verifications.at(-1);
  if (rows.length > limit && end !== undefined) {
    return { verifications, next: { createdAt: end.createdAt, id: end.id } };
  }
  const [name] = tags.toSorted();
  if (last <= oldest || name === undefined) return { verifications, next: null };
  // No verification: the first place of the last hour that this page has looked at, under any of the names.
  return {
    verifications,
    next: { createdAt: last * HOUR_MS, id: verificationIdFor(name, new Uint8Array(6)) },
  };
}

async function readRows(
  db: D1Database,
  lookUps: readonly string[],
  limit: number,
  parameters: Parameters,
): Promise<readonly VerificationRow[]> {
  const { results } = await db
    .prepare(`SELECT * FROM (${unionAll(lookUps)}) ORDER BY created_at DESC, id DESC LIMIT ${limit}`)
    .bind(...parameters.values)
    .all<VerificationRow>();
  return results;
}

interface Bounds {
  /** The hours of the newest and of the oldest row. */
  readonly newest: number;
  readonly oldest: number;
  readonly isSmall: boolean;
}

async function boundsOf(db: D1Database, tables: readonly JournalTable[]): Promise<Bounds> {
  const newest = tables.map(
    ({ name }) => `SELECT * FROM (SELECT hour FROM ${name} ORDER BY hour DESC LIMIT 1)`,
  );
  const oldest = tables
    .toReversed()
    .map(({ name }) => `SELECT * FROM (SELECT hour FROM ${name} ORDER BY hour LIMIT 1)`);
  const { results, meta } = await db
    .prepare(
      `SELECT (SELECT hour FROM (${unionAll(newest)}) LIMIT 1) AS newest,
         (SELECT hour FROM (${unionAll(oldest)}) LIMIT 1) AS oldest`,
    )
    .all<{ newest: number | null; oldest: number | null }>();
  const [row] = results;
  return { newest: row?.newest ?? -1, oldest: row?.oldest ?? 0, isSmall: meta.size_after <= SMALL_BYTES };
}
