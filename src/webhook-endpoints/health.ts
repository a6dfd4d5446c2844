import { log } from "../platform/log.ts";
import { DAY_MS } from "../platform/time.ts";
import type { WebhookEndpoint } from "./endpoints.ts";
import type { Attempt } from "./post.ts";

/** An endpoint whose every attempt fails for this long is disabled, as Standard Webhooks recommends. */
const FAILING_LIMIT_MS = 5 * DAY_MS;

/** The status with which an endpoint unsubscribes (Standard Webhooks, "Webhook operational considerations"). */
export const GONE = 410;

/** Derives the state of endpoints from attempts, and disables those that are gone or fail for too long. */
export class EndpointHealth {
  readonly #db: D1Database;

  constructor(db: D1Database) {
    this.#db = db;
  }

  /** Records the result of an attempt on its endpoint. */
  async record({ id, failingSince }: WebhookEndpoint, attempt: Attempt): Promise<void> {
    if (attempt.delivered) {
      if (failingSince !== null) await this.#succeeded(id);
    } else if (attempt.status === GONE) {
      await this.#gone(id);
      log("warn", `The webhook endpoint ${id} is gone and was disabled`, { status: GONE });
    } else if (await this.#failed(id, Date.now())) {
      log("error", `The webhook endpoint ${id} has failed for five days and was disabled`, {});
    }
  }

  async #succeeded(id: string): Promise<void> {
    await this.#run("UPDATE webhook_endpoints SET failing_since = NULL WHERE id = ?1", id);
  }

  async #gone(id: string): Promise<void> {
    await this.#run(
      `UPDATE webhook_endpoints SET status = 'disabled', disabled_reason = 'gone'
       WHERE id = ?1 AND status = 'enabled'`,
      id,
    );
  }

  /** Returns true when this failure disabled the endpoint. */
  async #failed(id: string, now: number): Promise<boolean> {
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

  async #run(sql: string, id: string): Promise<void> {
    await this.#db.prepare(sql).bind(id).run();
  }
}
