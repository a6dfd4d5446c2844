/** What a call cost, as D1 reports it. */
export interface Usage {
  readonly rowsRead: number;
  readonly rowsWritten: number;
  /** The statements' own time, in milliseconds. */
  readonly ms: number;
}

export interface Measured<Result> {
  readonly result: Result;
  readonly usage: Usage;
}

/** A D1 database that adds up what its statements cost. */
export class MeteredDatabase {
  /** For the product's code. It has what that code uses. */
  readonly db: D1Database;
  #used = { rowsRead: 0, rowsWritten: 0, ms: 0 };

  constructor(inner: D1Database) {
    const count = <Result extends D1Result>(result: Result): Result => {
      const { rows_read, rows_written, duration } = result.meta;
      this.#used.rowsRead += rows_read;
      this.#used.rowsWritten += rows_written;
      this.#used.ms += duration;
      return result;
    };
    this.db = {
      prepare: (text: string) => new MeteredStatement(inner.prepare(text), count),
      batch: async (statements: readonly MeteredStatement[]) =>
        (await inner.batch(statements.map(({ inner: statement }) => statement))).map(count),
    } as unknown as D1Database;
  }

  /** Does work and returns its result with what it cost. */
  async measure<Result>(work: () => Promise<Result>): Promise<Measured<Result>> {
    this.#used = { rowsRead: 0, rowsWritten: 0, ms: 0 };
    const result = await work();
    return { result, usage: { ...this.#used } };
  }

  /** The size of the database in bytes. */
  async size(): Promise<number> {
    const { meta } = await this.db.prepare("SELECT 1").run();
    return meta.size_after;
  }
}

class MeteredStatement {
  readonly inner: D1PreparedStatement;
  readonly #count: <Result extends D1Result>(result: Result) => Result;

  constructor(inner: D1PreparedStatement, count: <Result extends D1Result>(result: Result) => Result) {
    this.inner = inner;
    this.#count = count;
  }

  bind(...values: readonly unknown[]): MeteredStatement {
    return new MeteredStatement(this.inner.bind(...values), this.#count);
  }

  async all(): Promise<D1Result<Record<string, unknown>>> {
    return this.#count(await this.inner.all());
  }

  run(): Promise<D1Result> {
    return this.all();
  }

  async first(column?: string): Promise<unknown> {
    const [row] = (await this.all()).results;
    if (row === undefined) return null;
    return column === undefined ? row : (row[column] ?? null);
  }
}
