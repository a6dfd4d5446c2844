import { log } from "../platform/log.ts";
import { DAY_MS } from "../platform/time.ts";
import type { WebhookEndpoint } from "./endpoints.ts";
import type { Attempt } from "./post.ts";

/** An endpoint whose every attempt fails for this long is disabled, as Standard Webhooks recommends. */
const FAILING_LIMIT_MS = 5 * DAY_MS;

/** The status with which an endpoint unsubscribes (Standard Webhooks, "Webhook operational considerations"). */
export const GONE = 410;

/** An answer that takes longer is slow: a third of its time limit, in which a Worker makes hundreds of other posts. */
export const PROMPT_MS = 5_000;

/** So many slow attempts in a row make an endpoint slow, and so many prompt ones in a row end that. */
const SLOW_AFTER = 3;
const PROMPT_AFTER = 10;

/** `slowness` of an endpoint whose last attempt was slow: each prompt one takes one off. */
const MAX_SLOWNESS = SLOW_AFTER + PROMPT_AFTER - 1;

/** Whether first attempts for an endpoint go to the slow queue, where they hold up no other endpoint's. */
export function isSlow({ slowness }: Pick<WebhookEndpoint, "slowness">): boolean {
  return slowness >= SLOW_AFTER;
}

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

  /** Records that an attempt takes long, when it is not over yet. */
  async recordSlow(id: string): Promise<void> {
    await this.#recordPace(
      `UPDATE webhook_endpoints SET slowness = CASE WHEN slowness + 1 < ${SLOW_AFTER} THEN slowness + 1
         ELSE ${MAX_SLOWNESS} END
       WHERE id = ?1 AND slowness < ${MAX_SLOWNESS}`,
      id,
    );
  }

  /** Records that an attempt was answered in good time, or refused. */
  async recordPrompt({ id, slowness }: WebhookEndpoint): Promise<void> {
    if (slowness === 0) return;
    await this.#recordPace(
      `UPDATE webhook_endpoints SET slowness = CASE WHEN slowness > ${SLOW_AFTER} THEN slowness - 1 ELSE 0 END
       WHERE id = ?1 AND slowness > 0`,
      id,
    );
  }

  /** A failure costs only the order of deliveries, and must not repeat one: before migration 0014 each fails. */
  async #recordPace(sql: string, id: string): Promise<void> {
    try {
      await this.#run(sql, id);
    } catch (error) {
      log("warn", "The pace of a webhook endpoint could not be recorded", { error: String(error) });
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
