import type { IncomingMessage, ServerResponse } from "node:http";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import type { Random } from "../random.ts";
import { answer, bodyOf } from "./listen.ts";
import { fateOf, type Sky } from "./weather.ts";

interface Query {
  readonly sql: string;
  readonly params?: readonly SQLInputValue[];
}

/**
 * D1's side of the protocol that workerd's binding speaks (`POST /query`, one statement or several as one
 * transaction), over SQLite in a file, and as unreliable as the sky wants it. Like D1 it outlives the Worker.
 */
export class Database {
  readonly #db: DatabaseSync;
  readonly #sky: Sky;
  readonly #random: Random;
  readonly #statements = new Map<string, StatementSync>();

  constructor(file: string, sky: Sky, random: Random) {
    [this.#db, this.#sky, this.#random] = [new DatabaseSync(file), sky, random];
    this.#db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF");
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await bodyOf(request);
    if (text === null) return;
    const { kind, delayMs } = fateOf(this.#sky.weather.d1, this.#random);
    if (delayMs > 0) await pause(delayMs);
    if (kind === "refuse") return answer(response, 500, { success: false, error: "D1 is overloaded" });
    const told = this.#run(JSON.parse(text), request.url?.endsWith("=ROWS_AND_COLUMNS") ?? false);
    if (kind === "forget") request.socket.destroy();
    else answer(response, 200, told);
  }

  /** For the checker, which reads what is there. */
  read<Row>(sql: string): readonly Row[] {
    return this.#db.prepare(sql).all() as Row[];
  }

  /** For migrations, and for what only time would bring. */
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
    const statement = this.#statement(sql);
    const before = this.#changes();
    const rows = statement.all(...params) as unknown as SQLInputValue[][];
    const columns = statement.columns().map(({ name }) => name);
    const named = () => rows.map((row) => Object.fromEntries(columns.map((name, at) => [name, row[at]])));
    const meta = { changes: this.#changes() - before, duration: 0, last_row_id: 0 };
    return { success: true, results: asRows ? { columns, rows } : named(), meta };
  }

  /** In all, so that the difference is what one statement did. */
  #changes(): number {
    const [row] = this.#statement("SELECT total_changes()").all() as unknown as [[number]];
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
