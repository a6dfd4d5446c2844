import { DAY_MS } from "../platform/time.ts";

/** The parts of the journal that have a table for each week, and the name of the view over them. */
export const PARTS = ["verifications", "notifications", "guard_decisions"] as const;
export type Part = (typeof PARTS)[number];

/** A table with the rows of one part that were created from a time, inclusive, to another one, exclusive. */
export interface JournalTable {
  readonly name: string;
  /**
   * Whether it is the table from before there were weeks. Its verifications are in the order of the hour, and it has
   * no columns `sender` and `minute`.
   */
  readonly isFormer: boolean;
  /** Milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
}

/**
 * Columns that the table from before there were weeks does not have, and what a query takes instead. A migration adds a
 * column to the model, by `ALTER TABLE verifications_week ADD COLUMN`, from which it comes to the tables of the weeks; it
 * joins the end of its part here.
 */
const MISSING: Readonly<Record<Part, Readonly<Record<string, string>>>> = {
  verifications: { sender: "NULL", minute: "created_at / 60000 % 60" },
  notifications: {},
  guard_decisions: {},
};

/** What a query of a table selects after its own columns, to have those of the weeks. */
export function selectMissing(part: Part, { isFormer }: Pick<JournalTable, "isFormer">): string {
  if (!isFormer) return "";
  return Object.entries(MISSING[part])
    .map(([column, value]) => `, ${value} AS ${column}`)
    .join("");
}

/** Whether a table has a column of the weeks. */
export function hasColumn(part: Part, { isFormer }: JournalTable, column: string): boolean {
  return !(isFormer && column in MISSING[part]);
}

export const WEEK_MS = 7 * DAY_MS;
/** The first Monday after the epoch, in milliseconds since the epoch. */
const MONDAY = 4 * DAY_MS;

/** The table of the week of a time (milliseconds since the epoch): that of ISO 8601, in UTC. */
export function weekOf(part: Part, time: number): JournalTable {
  const from = Math.floor((time - MONDAY) / WEEK_MS) * WEEK_MS + MONDAY;
  // A week belongs to the year of its Thursday.
  const thursday = from + 3 * DAY_MS;
  const year = new Date(thursday).getUTCFullYear();
  const number = Math.floor((thursday - Date.UTC(year, 0, 1)) / WEEK_MS) + 1;
  const name = `${part}_${year}_w${String(number).padStart(2, "0")}`;
  return { name, isFormer: false, from, to: from + WEEK_MS };
}

const WEEK_TABLE = /^(.+)_(\d{4})_w(\d{2})$/;

/** Reads the name of the table of a week; null for any other name. */
export function parseWeek(part: Part, name: string): JournalTable | null {
  const [, prefix, year, number] = WEEK_TABLE.exec(name) ?? [];
  if (prefix !== part) return null;
  // 4 January is in the first week of its year.
  const table = weekOf(part, Date.UTC(Number(year), 0, 4) + (Number(number) - 1) * WEEK_MS);
  return table.name === name ? table : null;
}

/** The weeks that a daily run makes tables for: the present one and the next. */
export function weeksAhead(part: Part, now: number): readonly JournalTable[] {
  return [weekOf(part, now), weekOf(part, now + WEEK_MS)];
}

/** SQLite of the platform unites five queries at most ("too many terms in compound SELECT"). */
const MAX_TERMS = 5;

/**
 * Unites queries by UNION ALL. SQLite runs them one after the other and, under a LIMIT, only as far as it needs their
 * rows. A query with ORDER BY or LIMIT has to be written as `SELECT * FROM (…)`.
 */
export function unionAll(queries: readonly string[]): string {
  if (queries.length <= MAX_TERMS) return queries.join(" UNION ALL ");
  const groups: string[] = [];
  for (let at = 0; at < queries.length; at += MAX_TERMS) {
    groups.push(`SELECT * FROM (${queries.slice(at, at + MAX_TERMS).join(" UNION ALL ")})`);
  }
  return unionAll(groups);
}
