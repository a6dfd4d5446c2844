import type { VerificationStatus } from "../../verification/phone-state.ts";
import type { PhoneNumberName } from "../../verification/verification-id.ts";
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

interface Clause {
  readonly sql: string;
  readonly values: readonly (string | number)[];
}

/**
 * Reads one page. Positions never change, so paging by them shows each row that was there from the start
 * once, whatever is written in the meantime.
 */
export async function findPage(db: D1Database, filter: JournalFilter): Promise<JournalPage> {
  const { status, purpose, limit } = filter;
  const wanted = [...equals("status", status), ...equals("purpose", purpose)];
  const range = [...ofNumber(filter.tags ?? []), ...after(filter.after)];
  const end = wanted.length === 0 ? null : await endOfScan(db, range);
  const until = end === null ? [] : [{ sql: "(created_at, id) >= (?, ?)", values: [end.createdAt, end.id] }];

  const { results } = await select(
    "*",
    [...range, ...until, ...wanted],
    `LIMIT ${limit + 1}`,
    db,
  ).all<JournalRow>();
  const verifications = results.slice(0, limit).map(fromRow);
  const last = verifications.at(-1);
  return { verifications, next: results.length > limit && last ? positionOf(last) : end };
}

/** Where a page has to stop looking; null when the rows end before. */
async function endOfScan(db: D1Database, range: readonly Clause[]): Promise<Position | null> {
  const row = await select("created_at, id", range, `LIMIT 1 OFFSET ${SCANNED_A_PAGE - 1}`, db).first<
    Pick<JournalRow, "created_at" | "id">
  >();
  return row && { createdAt: row.created_at, id: row.id };
}

function select(
  columns: string,
  clauses: readonly Clause[],
  limit: string,
  db: D1Database,
): D1PreparedStatement {
  const where = clauses.length === 0 ? "" : `WHERE ${clauses.map(({ sql }) => sql).join(" AND ")}`;
  const sql = `SELECT ${columns} FROM verifications ${where} ORDER BY created_at DESC, id DESC ${limit}`;
  return db.prepare(sql).bind(...clauses.flatMap(({ values }) => values));
}

function equals(column: "status" | "purpose", value: string | undefined): Clause[] {
  return value === undefined ? [] : [{ sql: `${column} = ?`, values: [value] }];
}

/** One tag is read in the index's order; the two of a rotation are sorted first, all rows of that one number. */
function ofNumber(tags: readonly PhoneNumberName[]): Clause[] {
  if (tags.length === 0) return [];
  return [{ sql: `number_tag IN (${tags.map(() => "?").join(", ")})`, values: tags }];
}

function after(position: Position | undefined): Clause[] {
  if (position === undefined) return [];
  return [{ sql: "(created_at, id) < (?, ?)", values: [position.createdAt, position.id] }];
}

function positionOf({ createdAt, id }: Position): Position {
  return { createdAt, id };
}
