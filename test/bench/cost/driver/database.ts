import { count, handler } from "./counts.ts";

type Row = Record<string, SqlStorageValue | readonly number[]>;

/** The fields of D1's result that the Worker reads. */
interface Result {
  readonly success: true;
  readonly results: readonly Row[];
  readonly meta: {
    readonly changes: number;
    readonly rows_read: number;
    readonly rows_written: number;
    readonly size_after: number;
  };
}

let sql: SqlStorage | undefined;
/** What the empty tables take. */
let emptyBytes = 0;

/** @param given The SQLite database of the driver's object. */
export function useSql(given: SqlStorage): void {
  sql = given;
}

export async function createTables(migrations: readonly string[]): Promise<void> {
  for (const statement of migrations) new Statement(statement, []).execute();
  emptyBytes = sql?.databaseSize ?? 0;
}

/** What the tables hold, pages that are not full included. */
export function journalBytes(): number {
  return (sql?.databaseSize ?? 0) - emptyBytes;
}

class Statement {
  readonly #text: string;
  readonly #values: readonly SqlStorageValue[];

  constructor(text: string, values: readonly SqlStorageValue[]) {
    this.#text = text;
    this.#values = values;
  }

  bind(...values: readonly SqlStorageValue[]): Statement {
    return new Statement(this.#text, values);
  }

  execute(): Result {
    if (sql === undefined) throw new Error("The database is not set up");
    const cursor = sql.exec(this.#text, ...this.#values);
    const results = cursor.toArray().map(withBytesAsArrays);
    const { rowsRead: rows_read, rowsWritten: rows_written } = cursor;
    const source = this.#text.trim().split(/\s+/).slice(0, 4).join(" ");
    count("d1_queries", handler());
    count("d1_rows_read", source, rows_read);
    count("d1_rows_written", source, rows_written);
    const query = "SELECT changes() AS changes";
    const changes = rows_written === 0 ? 0 : sql.exec<{ changes: number }>(query).one().changes;
    return {
      success: true,
      results,
      meta: { changes, rows_read, rows_written, size_after: sql.databaseSize },
    };
  }

  async run(): Promise<Result> {
    return this.execute();
  }

  async all(): Promise<Result> {
    return this.execute();
  }

  async first(column?: string): Promise<unknown> {
    const [row] = this.execute().results;
    if (row === undefined) return null;
    return column === undefined ? row : (row[column] ?? null);
  }
}

/** D1 returns bytes as an array of numbers. */
function withBytesAsArrays(row: Row): Row {
  const columns = Object.entries(row);
  if (!columns.some(([, value]) => value instanceof ArrayBuffer)) return row;
  return Object.fromEntries(
    columns.map(([name, value]) => [name, value instanceof ArrayBuffer ? [...new Uint8Array(value)] : value]),
  );
}

/** D1 on the driver's SQLite, whose cursors report the rows that D1 would bill. */
export const DATABASE = {
  prepare: (text: string) => new Statement(text, []),
  batch: async (statements: readonly Statement[]) => statements.map((statement) => statement.execute()),
};
