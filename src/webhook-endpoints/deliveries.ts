import { createHash } from "node:crypto";
import type { Event } from "../events/event.ts";
import { makeId } from "../ids/id.ts";
import { chunksOf } from "../platform/chunks.ts";
import type { ListPosition } from "../platform/cursor.ts";
import type { Keyring } from "../platform/keyring.ts";
import { MINUTE_MS } from "../platform/time.ts";
import { type Delivery, type DueDelivery, deliveryRow } from "./delivery.ts";
import { packEvent, parseEvent, unpackEvent } from "./payload.ts";
import type { Attempt } from "./post.ts";

/** How long an attempt may take before it counts as lost: four times the receiver's time limit. */
const LEASE_MS = MINUTE_MS;

const ID_BYTES = 16;

/** A row with its sealed payload: bytes, which D1 returns as an array, or the text of a version before. */
type PayloadRow = Record<string, unknown> & { readonly payload: string | readonly number[] };

const INSERT = `
  INSERT OR IGNORE INTO webhook_deliveries
    (id, endpoint_id, event_id, type, payload, status, attempts, next_attempt_at, created_at, updated_at)
  SELECT value ->> 'id', value ->> 'endpointId', value ->> 'eventId', value ->> 'type', unhex(value ->> 'payload'),
    'pending', 0, ?2, ?2, ?2
  FROM json_each(?1)`;

const SELECT_UNATTEMPTED = `
  SELECT id, endpoint_id AS endpointId FROM webhook_deliveries
  WHERE id IN (SELECT value ->> 'id' FROM json_each(?1)) AND status = 'pending' AND attempts = 0`;

const RECORD = `
  UPDATE webhook_deliveries
  SET status = done.value ->> 'status', attempts = done.value ->> 'attempts',
    next_attempt_at = done.value ->> 'nextAttemptAt', last_status = done.value ->> 'lastStatus',
    last_error = done.value ->> 'lastError', duration_ms = done.value ->> 'durationMs', updated_at = ?2
  FROM json_each(?1) AS done
  WHERE webhook_deliveries.id = done.value ->> 'id' AND webhook_deliveries.status = 'pending'
    AND webhook_deliveries.attempts = done.value ->> 'storedAttempts'`;

/** Deletes by endpoint, because the index of an endpoint's list leads to its oldest rows. */
const DELETE = `
  WITH RECURSIVE endpoints (id) AS (
    SELECT min(endpoint_id) FROM webhook_deliveries
    UNION ALL
    SELECT (SELECT min(endpoint_id) FROM webhook_deliveries WHERE endpoint_id > endpoints.id)
    FROM endpoints WHERE endpoints.id IS NOT NULL)
  DELETE FROM webhook_deliveries WHERE id IN
    (SELECT old.id FROM endpoints CROSS JOIN webhook_deliveries AS old ON old.endpoint_id = endpoints.id
     WHERE old.created_at >= ?1 AND old.created_at < ?2 AND old.status = ?3 LIMIT ?4)`;

/** A stored delivery that a message of the queue can point to. */
export interface Stored {
  readonly id: string;
  readonly endpointId: string;
}

/** What became of an attempt, and when the next one is due; null when there is none. */
export interface Finished {
  readonly delivery: DueDelivery;
  readonly attempt: Attempt;
  readonly nextAttemptAt: number | null;
}

/** Deliveries of a status that were created in a time, in milliseconds since the epoch. */
export interface Span {
  readonly status: "delivered" | "failed";
  readonly from: number;
  readonly before: number;
}

/** One page of an endpoint's deliveries. */
export interface DeliveryPage {
  readonly deliveries: readonly Delivery[];
  /** Where the next page begins; null on the last. */
  readonly next: ListPosition | null;
}

/** The deliveries in D1: what is due, and what became of it. The queue's messages only point to these rows. */
export class Deliveries {
  readonly #db: D1Database;
  readonly #keyring: Keyring;

  constructor(db: D1Database, keyring: Keyring) {
    this.#db = db;
    this.#keyring = keyring;
  }

  /**
   * Stores deliveries; a pair of event and endpoint that is stored already stays as it is.
   *
   * @returns Those given that have not been attempted, including stored ones: the messages of an earlier call may have
   *   been lost.
   */
  async add(
    pairs: readonly { readonly event: Event; readonly endpointId: string }[],
    now: number,
  ): Promise<Stored[]> {
    const packed = new Map<Event, Buffer>();
    for (const { event } of pairs) if (!packed.has(event)) packed.set(event, packEvent(event));
    const rows = pairs.map(({ event, endpointId }) => {
      const id = deliveryId(event.id, endpointId);
      const payload = this.#keyring.sealBytes(packed.get(event) ?? "", contextOf(id)).toString("hex");
      return { id, endpointId, eventId: event.id, type: event.type, payload };
    });
    const unattempted: Stored[] = [];
    for (const chunk of chunksOf(rows)) {
      const json = JSON.stringify(chunk);
      const [, selected] = await this.#db.batch<Stored>([
        this.#db.prepare(INSERT).bind(json, now),
        this.#db.prepare(SELECT_UNATTEMPTED).bind(json),
      ]);
      unattempted.push(...(selected?.results ?? []));
    }
    return unattempted;
  }

  /** Reads the pending deliveries among ids, without a lease. */
  async pending(ids: readonly string[]): Promise<DueDelivery[]> {
    const { results } = await this.#db
      .prepare(
        `SELECT * FROM webhook_deliveries
         WHERE id IN (SELECT value FROM json_each(?1)) AND status = 'pending'`,
      )
      .bind(JSON.stringify(ids))
      .run<PayloadRow>();
    return results.map((row) => this.#due(row));
  }

  /**
   * Leases a due delivery for {@link LEASE_MS} and counts the attempt, so that an attempt which crashes the Worker
   * is not repeated forever. Null when the delivery is not due.
   */
  async take(id: string, now: number): Promise<DueDelivery | null> {
    const row = await this.#db
      .prepare(
        `UPDATE webhook_deliveries SET attempts = attempts + 1, next_attempt_at = ?3, updated_at = ?2
         WHERE id = ?1 AND status = 'pending' AND next_attempt_at <= ?2 RETURNING *`,
      )
      .bind(id, now, now + LEASE_MS)
      .first<PayloadRow>();
    return row && this.#due(row);
  }

  #due(row: PayloadRow): DueDelivery {
    const delivery = deliveryRow.parse(row);
    const openEvent = () => this.#open(row.payload, contextOf(delivery.id));
    return { ...delivery, storedAttempts: delivery.attempts, openEvent };
  }

  /** @param payload Text in a row from before payloads were packed: the sealed JSON in base64url. */
  #open(payload: PayloadRow["payload"], context: string): Event {
    if (typeof payload === "string") return parseEvent(this.#keyring.open(payload, context));
    return unpackEvent(this.#keyring.openBytes(Uint8Array.from(payload), context));
  }

  /**
   * Records the results of attempts, and when the next ones are due. Without a next one, a failure is final. The
   * result of an attempt is ignored once a later attempt has begun: its lease had run out.
   */
  async record(finished: readonly Finished[], now: number): Promise<void> {
    const rows = finished.map(({ delivery, attempt, nextAttemptAt }) => ({
      id: delivery.id,
      storedAttempts: delivery.storedAttempts,
      attempts: delivery.attempts,
      status: attempt.delivered ? "delivered" : nextAttemptAt === null ? "failed" : "pending",
      nextAttemptAt,
      lastStatus: attempt.status,
      lastError: attempt.error,
      durationMs: attempt.durationMs,
    }));
    await this.#db.prepare(RECORD).bind(JSON.stringify(rows), now).run();
  }

  /** Lists an endpoint's deliveries, newest first; with `onlyFailed`, the dead letters. */
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

  /** Makes a delivery due now with all attempts of the schedule, whatever its status. Null when there is none. */
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

  /** Makes failed deliveries of an endpoint that were created since a time due now, like {@link renew}, oldest first. */
  async renewFailed(
    endpointId: string,
    since: number,
    limit: number,
    now: number,
  ): Promise<readonly ListPosition[]> {
    const { results } = await this.#db
      .prepare(
        `UPDATE webhook_deliveries SET status = 'pending', attempts = 0, next_attempt_at = ?4, updated_at = ?4
         WHERE id IN (SELECT id FROM webhook_deliveries
                      WHERE endpoint_id = ?1 AND status = 'failed' AND created_at >= ?2
                      ORDER BY created_at, id LIMIT ?3) AND status = 'failed'
         RETURNING id, created_at AS createdAt`,
      )
      .bind(endpointId, since, limit, now)
      .run<ListPosition & Record<string, unknown>>();
    return results;
  }

  /**
   * Finds deliveries that have been due since before a time: their messages are lost, or the queue is far behind.
   * They are set due now, so that the next call does not enqueue them again at once.
   */
  async takeOverdue(before: number, now: number, limit: number): Promise<string[]> {
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

  /** Deletes the oldest finished deliveries of a time. Returns how many, the limit at most. */
  async delete({ status, from, before }: Span, limit: number): Promise<number> {
    const { meta } = await this.#db.prepare(DELETE).bind(from, before, status, limit).run();
    return meta.changes;
  }
}

/** The id is a digest of event and endpoint, so that a repeated event adds no second delivery. */
function deliveryId(eventId: string, endpointId: string): string {
  const digest = createHash("sha256").update(`${endpointId}/${eventId}`).digest();
  return makeId("whd_", digest.subarray(0, ID_BYTES));
}

function contextOf(id: string): string {
  return `webhook-delivery/${id}`;
}
