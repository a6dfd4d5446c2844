import type { AppScope } from "../ids/app-name.ts";
import type { PhoneNumberName } from "../ids/phone-number-name.ts";
import type { VerificationId } from "../ids/verification-id.ts";
import type { VerificationStatus } from "../phone-number/verification.ts";
import type { ListPosition } from "../platform/cursor.ts";
import { fromVerificationRow, hourOf, type JournaledVerification, type VerificationRow } from "./rows.ts";

/** A verification's position in lists. */
export type Position = ListPosition<VerificationId>;

export interface JournalFilter {
  /** The names of one number's object, current and former; absent for all numbers. */
  readonly tags?: readonly PhoneNumberName[] | undefined;
  readonly status?: VerificationStatus | undefined;
  readonly purpose?: string | undefined;
  readonly id?: VerificationId | undefined;
  /** ISO 3166-1 alpha-2. */
  readonly country?: string | undefined;
  /** Only the approved ones, or only the others. */
  readonly approved?: boolean | undefined;
  /** Only those of test numbers, or only the others. */
  readonly test?: boolean | undefined;
  /** Started from this time on, and before that one, in milliseconds since the epoch. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** Where the previous page ended. */
  readonly after?: Position | undefined;
  readonly limit: number;
}

export interface JournalPage {
  /** Newest first. May be fewer than the limit, even none, although `next` is set. */
  readonly verifications: readonly JournaledVerification[];
  /** Where this page ended; null on the last page. */
  readonly next: Position | null;
}

/** Rows that one page scans for its filter: this bounds its cost, however rare a match is. */
const MAX_SCANNED = 10_000;

/** Read in the order of the primary key; SQLite sorts within one hour only, and stops when the page is full. */
const ALL_NUMBERS = "verifications";

/**
 * One number is looked up in each hour of the retention, about 2,000 times, and its rows are sorted; the limits of
 * a number keep them few. An index would avoid the lookups, but double the rows written for each verification.
 */
const BY_NUMBER = "verification_hours CROSS JOIN verifications USING (hour)";

interface Clause {
  readonly sql: string;
  readonly values: readonly (string | number)[];
}

/**
 * Reads one page of an app, or of every app. The position of a row never changes, so paging shows each row that existed at the start exactly
 * once, also while rows are being written.
 */
export async function findPage(db: D1Database, app: AppScope, filter: JournalFilter): Promise<JournalPage> {
  const { tags = [], limit } = filter;
  const filters = [...equals("app", app), ...filtersOf(filter)];
  const range = [...after(filter.after), ...between(filter)];
  const end = filters.length === 0 || tags.length > 0 ? null : await endOfScan(db, range);

  const clauses = [...range, ...until(end), ...ofNumber(tags), ...filters];
  const page = select("*", tags.length > 0 ? BY_NUMBER : ALL_NUMBERS, clauses, `LIMIT ${limit + 1}`);
  const { results } = await prepare(db, page).all<VerificationRow>();
  const verifications = results.slice(0, limit).map(fromVerificationRow);
  const last = verifications.at(-1);
  return { verifications, next: results.length > limit && last ? positionOf(last) : end };
}

/** Where a page stops scanning; null when there are fewer rows than that. */
async function endOfScan(db: D1Database, range: readonly Clause[]): Promise<Position | null> {
  const end = select("created_at, id", ALL_NUMBERS, range, `LIMIT 1 OFFSET ${MAX_SCANNED - 1}`);
  const row = await prepare(db, end).first<Pick<VerificationRow, "created_at" | "id">>();
  return row && { createdAt: row.created_at, id: row.id };
}

function select(columns: string, from: string, clauses: readonly Clause[], limit: string): Clause {
  const where = clauses.length === 0 ? "" : `WHERE ${clauses.map(({ sql }) => sql).join(" AND ")}`;
  return {
    sql: `SELECT ${columns} FROM ${from} ${where} ORDER BY hour DESC, created_at DESC, id DESC ${limit}`,
    values: clauses.flatMap(({ values }) => values),
  };
}

function prepare(db: D1Database, { sql, values }: Clause): D1PreparedStatement {
  return db.prepare(sql).bind(...values);
}

function filtersOf({ status, purpose, id, country, approved, test }: JournalFilter): Clause[] {
  const approval = approved === undefined ? [] : [`status ${approved ? "=" : "<>"} 'approved'`];
  return [
    ...equals("status", status),
    ...equals("purpose", purpose),
    ...equals("id", id),
    ...equals("country", country),
    ...equals("test", test === undefined ? null : Number(test)),
    ...approval.map((sql) => ({ sql, values: [] })),
  ];
}

function between({ from, to }: JournalFilter): Clause[] {
  return [
    ...(from === undefined ? [] : [{ sql: "hour >= ? AND created_at >= ?", values: [hourOf(from), from] }]),
    ...(to === undefined ? [] : [{ sql: "hour <= ? AND created_at < ?", values: [hourOf(to), to] }]),
  ];
}

type FilteredColumn = "app" | "status" | "purpose" | "id" | "country" | "test";

function equals(column: FilteredColumn, value: string | number | null | undefined): Clause[] {
  return value === undefined || value === null ? [] : [{ sql: `${column} = ?`, values: [value] }];
}

function ofNumber(tags: readonly PhoneNumberName[]): Clause[] {
  if (tags.length === 0) return [];
  return [{ sql: `number_tag IN (${tags.map(() => "?").join(", ")})`, values: tags }];
}

function after(position: Position | undefined): Clause[] {
  if (position === undefined) return [];
  const { createdAt, id } = position;
  return [{ sql: "hour <= ? AND (created_at, id) < (?, ?)", values: [hourOf(createdAt), createdAt, id] }];
}

function until(position: Position | null): Clause[] {
  if (position === null) return [];
  const { createdAt, id } = position;
  return [{ sql: "hour >= ? AND (created_at, id) >= (?, ?)", values: [hourOf(createdAt), createdAt, id] }];
}

function positionOf({ createdAt, id }: Position): Position {
  return { createdAt, id };
}

/** Compares positions for sorting newest first. Ids break ties by their bytes, as SQLite compares text. */
export function newestFirst(a: Position, b: Position): number {
  if (a.createdAt !== b.createdAt) return b.createdAt - a.createdAt;
  if (a.id === b.id) return 0;
  return a.id < b.id ? 1 : -1;
}
