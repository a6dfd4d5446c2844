import type { IncomingMessage, ServerResponse } from "node:http";
import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import { readBody, respondJson } from "../../world/network.ts";
import type { Random } from "../../world/random.ts";
import { drawCallFault, type Faults } from "./fault-rates.ts";

interface Query {
  readonly sql: string;
  readonly params?: readonly JsonValue[];
}

/** D1 sends bytes as a list of numbers, in both directions. */
type JsonValue = string | number | null | readonly number[];

/**
 * The server of workerd's D1 binding (`POST /query` with one statement, or with several as a transaction) over a
 * SQLite file. Like D1, it outlives the Worker.
 */
export class D1Service {
  readonly #db: DatabaseSync;
  readonly #faults: Faults;
  readonly #random: Random;
  readonly #statements = new Map<string, StatementSync>();
  /** Refuses every statement that writes, as D1 does when its 10 GB are full. */
  isFull = false;

  constructor(file: string, faults: Faults, random: Random) {
    [this.#db, this.#faults, this.#random] = [new DatabaseSync(file), faults, random];
    this.#db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF");
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await readBody(request);
    if (text === null) return;
    const { kind, delayMs } = drawCallFault(this.#faults.rates.d1, this.#random);
    if (delayMs > 0) await pause(delayMs);
    if (kind === "refuse") return respondJson(response, 500, { success: false, error: "D1 is overloaded" });
    const result = this.#run(JSON.parse(text), request.url?.endsWith("=ROWS_AND_COLUMNS") ?? false);
    if (kind === "drop") request.socket.destroy();
    else respondJson(response, 200, result);
  }

  /** Reads rows, for the checker. */
  read<Row>(sql: string): readonly Row[] {
    return this.#db.prepare(sql).all() as Row[];
  }

  /** Executes statements without faults: migrations, and changes that simulate the passing of time. */
  exec(sql: string): void {
    this.#db.exec(sql);
  }

  close(): void {
    this.#db.close();
  }

  #run(body: Query | readonly Query[], asRows: boolean): unknown {
    const queries = Array.isArray(body) ? (body as readonly Query[]) : [body as Query];
    try {
      this.#db.exec("BEGIN");
      const results = queries.map((query) => this.#query(query, asRows));
      this.#db.exec("COMMIT");
      return Array.isArray(body) ? results : results[0];
    } catch (error) {
      this.#db.exec("ROLLBACK");
      return { success: false, error: String(error) };
    }
  }

  #query({ sql, params = [] }: Query, asRows: boolean): object {
    if (this.isFull && !/^\s*(SELECT|WITH|EXPLAIN)/i.test(sql)) {
      throw new Error("D1_ERROR: database or disk is full: SQLITE_FULL");
    }
    const statement = this.#statement(sql);
    const before = this.#changes();
    const results = statement.all(...params.map(toSql)) as unknown as SQLOutputValue[][];
    const rows = results.map((row) => row.map(toJson));
    const columns = statement.columns().map(({ name }) => name);
    const named = () => rows.map((row) => Object.fromEntries(columns.map((name, at) => [name, row[at]])));
    const meta = { changes: this.#changes() - before, duration: 0, last_row_id: 0, size_after: this.#size() };
    return { success: true, results: asRows ? { columns, rows } : named(), meta };
  }

  /** The total since the connection opened; a statement's own count is the difference around it. */
  #changes(): number {
    const [row] = this.#statement("SELECT total_changes()").all() as unknown as [[number]];
    return row[0];
  }

  #size(): number {
    const sql = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()";
    const [row] = this.#statement(sql).all() as unknown as [[number]];
    return row[0];
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#db.prepare(sql);
      statement.setReturnArrays(true);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

function toSql(value: JsonValue): SQLInputValue {
  return typeof value === "object" && value !== null ? Uint8Array.from(value) : value;
}

function toJson(value: SQLOutputValue): JsonValue {
  if (typeof value === "bigint") return Number(value);
  return value instanceof Uint8Array ? [...value] : value;
}
