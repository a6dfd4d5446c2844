import {
  type Changes,
  formerTable,
  readSchema,
  type Schema,
  statementsFor,
  statementsForColumns,
  weekTables,
} from "./schema.ts";
import { type JournalTable, type Part, weekOf } from "./weeks.ts";

/** What the table from before there were weeks ends with. What was started before it stays in that table. */
const FORMER_END: Readonly<Record<Part, string>> = {
  verifications: "(max(hour) + 1) * 3600000",
  notifications: "max(created_at) + 1",
  guard_decisions: "max(created_at) + 1",
};

/**
 * Errors of statements on a table that has been dropped, renamed by a migration, or not made yet, or that lacks a column
 * which a migration has added to its model.
 */
const OUTDATED = /no such table|because it is a view|no column named|same number of result columns/;

/** Each attempt reads what another isolate has changed meanwhile; two that change at once need two. */
const MAX_ATTEMPTS = 5;

/** Items whose rows are in one table. */
export interface Group<Item> {
  readonly table: JournalTable;
  readonly items: readonly Item[];
}

/**
 * The journal's tables in D1, one for each week of each part. The daily run makes them ahead; where one is missing all
 * the same, because the run failed or an old event is repeated, the first write makes it.
 */
export class JournalTables {
  readonly db: D1Database;
  /** Null for a part that has no former table with rows. Its end never changes once the migration has run. */
  readonly #formers = new Map<Part, JournalTable | null>();

  constructor(db: D1Database) {
    this.db = db;
  }

  /** The tables of a part, newest first. No time belongs to two of them. */
  async list(part: Part): Promise<readonly JournalTable[]> {
    const schema = await readSchema(this.db, part);
    const former = await this.#formerOf(part, schema);
    const weeks = weekTables(schema, part);
    if (former === null) return weeks;
    const later = weeks.filter(({ to }) => to > former.to);
    return [...later.map((week) => ({ ...week, from: Math.max(week.from, former.to) })), former];
  }

  /**
   * Does work on items, by the tables that their rows are in, and a second time, after making what is missing, when a
   * table is not there. The work has to be one that does nothing twice.
   *
   * @param timeOf When the row of an item was created, in milliseconds since the epoch.
   */
  async use<Item, Result>(
    part: Part,
    items: readonly Item[],
    timeOf: (item: Item) => number,
    work: (groups: readonly Group<Item>[]) => Promise<Result>,
  ): Promise<Result> {
    try {
      return await work(await this.#group(part, items, timeOf));
    } catch (error) {
      if (!isOutdated(error)) throw error;
      this.#formers.delete(part);
      const groups = await this.#group(part, items, timeOf);
      const weeks = groups.map(({ table }) => table).filter(({ isFormer }) => !isFormer);
      await this.change(part, { make: weeks, drop: [] });
      return work(groups);
    }
  }

  /** Does work that reads the tables of a part, and a second time when one of them was dropped meanwhile. */
  read<Result>(part: Part, work: (tables: readonly JournalTable[]) => Promise<Result>): Promise<Result> {
    return this.readView(part, async () => work(await this.list(part)));
  }

  /** Does work that reads the view of a part, and a second time, after completing it, when it does not fit its tables. */
  async readView<Result>(part: Part, work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      if (!isOutdated(error)) throw error;
      await this.change(part, { make: [], drop: [] });
      return work();
    }
  }

  /**
   * Makes and drops tables of a part, and replaces the views over them. It reads the schema again after each change,
   * because another isolate may have replaced a view without knowing this change; whichever is last completes it.
   */
  async change(part: Part, changes: Changes): Promise<void> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const columns = await statementsForColumns(this.db, part);
      const statements = [...columns, ...statementsFor(part, await readSchema(this.db), changes)];
      if (statements.length === 0) return;
      try {
        await this.db.batch(statements.map((sql) => this.db.prepare(sql)));
      } catch (error) {
        // Another isolate has added the columns.
        if (!String(error).includes("duplicate column name")) throw error;
      }
    }
  }

  /** The table from before there were weeks, without its rows' end; null where there is none. */
  async former(part: Part): Promise<string | null> {
    return formerTable(await readSchema(this.db, part), part);
  }

  async #group<Item>(
    part: Part,
    items: readonly Item[],
    timeOf: (item: Item) => number,
  ): Promise<readonly Group<Item>[]> {
    const known = this.#formers.get(part);
    const former = known === undefined ? await this.#formerOf(part, await readSchema(this.db, part)) : known;
    const groups = new Map<string, { readonly table: JournalTable; readonly items: Item[] }>();
    for (const item of items) {
      const time = timeOf(item);
      const table = former !== null && time < former.to ? former : weekOf(part, time);
      const group = groups.get(table.name);
      if (group === undefined) groups.set(table.name, { table, items: [item] });
      else group.items.push(item);
    }
    return [...groups.values()];
  }

  async #formerOf(part: Part, schema: Schema): Promise<JournalTable | null> {
    const name = formerTable(schema, part);
    const from = Number.NEGATIVE_INFINITY;
    // Before the migration, and not remembered: it may run at any moment.
    if (name === part) return { name, isFormer: true, from, to: Number.POSITIVE_INFINITY };
    const known = this.#formers.get(part);
    if (known !== undefined && (known === null || known.name === name)) return known;
    const to =
      name === null
        ? null
        : await this.db
            .prepare(`SELECT ${FORMER_END[part]} AS ends_at FROM ${name}`)
            .first<number>("ends_at");
    const former = name === null || to === null ? null : { name, isFormer: true, from, to };
    this.#formers.set(part, former);
    return former;
  }
}

function isOutdated(error: unknown): boolean {
  return error instanceof Error && OUTDATED.test(error.message);
}
