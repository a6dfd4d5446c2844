import { DAY_MS } from "../platform/time.ts";

/** So long may an endpoint do nothing but fail before it is disabled, as Standard Webhooks asks. */
export const FAILING_LIMIT_MS = 5 * DAY_MS;

/** What the attempts say about the endpoints themselves, in the endpoints' table. */
export class EndpointHealth {
  readonly #db: D1Database;

  constructor(db: D1Database) {
    this.#db = db;
  }

  /** An endpoint took an event. */
  async succeeded(id: string): Promise<void> {
    await this.#run("UPDATE webhook_endpoints SET failing_since = NULL WHERE id = ?1", id);
  }

  /** An endpoint failed once more. True when that was the failure too many, and it is disabled from now on. */
  async failed(id: string, now: number): Promise<boolean> {
    const [, disabled] = await this.#db.batch([
      this.#db
        .prepare("UPDATE webhook_endpoints SET failing_since = ?2 WHERE id = ?1 AND failing_since IS NULL")
        .bind(id, now),
      this.#db
        .prepare(
          `UPDATE webhook_endpoints SET status = 'disabled', disabled_reason = 'failing'
           WHERE id = ?1 AND status = 'enabled' AND failing_since <= ?2`,
        )
        .bind(id, now - FAILING_LIMIT_MS),
    ]);
    return disabled?.meta.changes === 1;
  }

  /** An endpoint answered 410 Gone: it wants no more. */
  async gone(id: string): Promise<void> {
    await this.#run(
      `UPDATE webhook_endpoints SET status = 'disabled', disabled_reason = 'gone'
       WHERE id = ?1 AND status = 'enabled'`,
      id,
    );
  }

  async #run(sql: string, id: string): Promise<void> {
    await this.#db.prepare(sql).bind(id).run();
  }
}
