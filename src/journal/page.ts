import type { PhoneNumberName } from "../ids/phone-number-name.ts";
import type { VerificationStatus } from "../phone-number/verification.ts";
import { hourOf } from "./hour.ts";
import type { Position } from "./position.ts";
import { fromRow, type JournaledVerification, type JournalRow } from "./row.ts";

export interface JournalFilter {
  /** The names of one number's object, more than one during a rotation of keys; absent for every number. */
  readonly tags?: readonly PhoneNumberName[] | undefined;
  readonly status?: VerificationStatus | undefined;
  readonly purpose?: string | undefined;
  /** Where the page before ended. */
  readonly after?: Position | undefined;
  readonly limit: number;
}

export interface JournalPage {
  /** Newest first. May be fewer than the limit, even none, while `next` says that there are more. */
  readonly verifications: readonly JournaledVerification[];
  /** Where this page ended; null when it is the last. */
  readonly next: Position | null;
}

/** How far one page looks for what its filter wants: this bounds its cost, however rare that is. */
const SCANNED_A_PAGE = 10_000;

/** In the order of the key, but for the order within an hour: SQLite sorts one hour, and ends with the page. */
const ALL = "verifications";

/**
 * One number is looked up in each hour of the retention, some thousand times, and what is found is sorted: all
 * rows of that number, of which its limits allow few. An index would find it at once, and cost as much again to
 * write as the row.
 */
const BY_NUMBER = "verification_hours CROSS JOIN verifications USING (hour)";

interface Clause {
  readonly sql: string;
  readonly values: readonly (string | number)[];
}

/**
 * Reads one page. Positions never change, so paging by them shows each row that was there from the start
 * once, whatever is written in the meantime.
 */
export async function findPage(db: D1Database, filter: JournalFilter): Promise<JournalPage> {
  const { tags = [], status, purpose, limit } = filter;
  const wanted = [...equals("status", status), ...equals("purpose", purpose)];
  const range = after(filter.after);
  const end = wanted.length === 0 || tags.length > 0 ? null : await endOfScan(db, range);

  const clauses = [...range, ...until(end), ...ofNumber(tags), ...wanted];
  const page = select("*", tags.length > 0 ? BY_NUMBER : ALL, clauses, `LIMIT ${limit + 1}`);
  const { results } = await prepare(db, page).all<JournalRow>();
  const verifications = results.slice(0, limit).map(fromRow);
  const last = verifications.at(-1);
  return { verifications, next: results.length > limit && last ? positionOf(last) : end };
}

/** Where a page has to stop looking; null when the rows end before. */
async function endOfScan(db: D1Database, range: readonly Clause[]): Promise<Position | null> {
  const end = select("created_at, id", ALL, range, `LIMIT 1 OFFSET ${SCANNED_A_PAGE - 1}`);
  const row = await prepare(db, end).first<Pick<JournalRow, "created_at" | "id">>();
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

function equals(column: "status" | "purpose", value: string | undefined): Clause[] {
  return value === undefined ? [] : [{ sql: `${column} = ?`, values: [value] }];
}

/** More than one tag is one number's, too: under the keys of a rotation. */
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
