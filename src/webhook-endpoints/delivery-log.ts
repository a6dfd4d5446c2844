import type { ListPosition } from "../platform/cursor.ts";
import { type Delivery, deliveryRow } from "./delivery.ts";

/** One page of an endpoint's deliveries. */
export interface DeliveryPage {
  readonly deliveries: readonly Delivery[];
  /** Where the next page begins; null on the last. */
  readonly next: ListPosition | null;
}

/** The deliveries as their owners look at them, and what is done to them by hand or by the clock. */
export class DeliveryLog {
  readonly #db: D1Database;

  constructor(db: D1Database) {
    this.#db = db;
  }

  /** Lists an endpoint's deliveries, newest first; its dead letters only, if that is wanted. */
  async list(
    endpointId: string,
    onlyFailed: boolean,
    limit: number,
    after: ListPosition | null,
  ): Promise<DeliveryPage> {
    const { results } = await this.#db
      .prepare(
        `SELECT * FROM webhook_deliveries
         WHERE endpoint_id = ?1 AND (created_at, id) < (?2, ?3) ${onlyFailed ? "AND status = 'failed'" : ""}
         ORDER BY created_at DESC, id DESC LIMIT ?4`,
      )
      .bind(endpointId, after?.createdAt ?? Number.MAX_SAFE_INTEGER, after?.id ?? "", limit + 1)
      .run();
    const deliveries = results.slice(0, limit).map((row) => deliveryRow.parse(row));
    const last = deliveries.at(-1);
    return { deliveries, next: results.length > limit && last !== undefined ? last : null };
  }

  /** Makes a delivery due again, with every attempt still to come, whatever became of it before. */
  async renew(id: string, endpointId: string, now: number): Promise<Delivery | null> {
    const row = await this.#db
      .prepare(
        `UPDATE webhook_deliveries SET status = 'pending', attempts = 0, next_attempt_at = ?3, updated_at = ?3
         WHERE id = ?1 AND endpoint_id = ?2 RETURNING *`,
      )
      .bind(id, endpointId, now)
      .first();
    return row && deliveryRow.parse(row);
  }

  /**
   * Finds deliveries that have been due since before a time: their messages are lost, or the queue is far
   * behind. They count as due from now on, so that a long queue is not made longer at every call.
   */
  async overdue(before: number, now: number, limit: number): Promise<string[]> {
    const { results } = await this.#db
      .prepare(
        `UPDATE webhook_deliveries SET next_attempt_at = ?2
         WHERE id IN (SELECT id FROM webhook_deliveries WHERE status = 'pending' AND next_attempt_at < ?1
                      ORDER BY next_attempt_at LIMIT ?3) AND status = 'pending' AND next_attempt_at < ?1
         RETURNING id`,
      )
      .bind(before, now, limit)
      .run<{ id: string }>();
    return results.map(({ id }) => id);
  }

  /**
   * Deletes what is older than a time and over. Answers how many rows that were, at most the limit. Endpoint by
   * endpoint, for so the index of their lists leads to the old ones, whatever else there is.
   */
  async forget(before: number, limit: number): Promise<number> {
    const { meta } = await this.#db
      .prepare(
        `WITH RECURSIVE endpoints (id) AS (
           SELECT min(endpoint_id) FROM webhook_deliveries
           UNION ALL
           SELECT (SELECT min(endpoint_id) FROM webhook_deliveries WHERE endpoint_id > endpoints.id)
           FROM endpoints WHERE endpoints.id IS NOT NULL)
         DELETE FROM webhook_deliveries WHERE id IN
           (SELECT old.id FROM endpoints CROSS JOIN webhook_deliveries AS old ON old.endpoint_id = endpoints.id
            WHERE old.created_at < ?1 AND old.status <> 'pending' LIMIT ?2)`,
      )
      .bind(before, limit)
      .run();
    return meta.changes;
  }
}
