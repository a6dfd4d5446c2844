import { createHash } from "node:crypto";
import type { Event } from "../events/event.ts";
import { base32 } from "../ids/base32.ts";
import { chunksOf } from "../platform/chunks.ts";
import type { Keyring } from "../platform/keyring.ts";
import { MINUTE_MS } from "../platform/time.ts";
import { type Delivery, type DueDelivery, deliveryRow } from "./delivery.ts";
import type { Attempt } from "./post.ts";

/** How long an attempt may take before it counts as lost: well over the receiver's own time. */
const LEASE_MS = MINUTE_MS;

const ID_BYTES = 16;

const INSERT = `
  INSERT OR IGNORE INTO webhook_deliveries
    (id, endpoint_id, event_id, type, payload, status, attempts, next_attempt_at, created_at, updated_at)
  SELECT value ->> 'id', value ->> 'endpointId', value ->> 'eventId', value ->> 'type', value ->> 'payload',
    'pending', 0, ?2, ?2, ?2
  FROM json_each(?1)`;

const NOT_BEGUN = `
  SELECT id FROM webhook_deliveries
  WHERE id IN (SELECT value ->> 'id' FROM json_each(?1)) AND status = 'pending' AND attempts = 0`;

/** The deliveries as they are worked off: the one truth about what was sent and what is due. */
export class Deliveries {
  readonly #db: D1Database;
  readonly #keyring: Keyring;

  constructor(db: D1Database, keyring: Keyring) {
    this.#db = db;
    this.#keyring = keyring;
  }

  /**
   * Stores what is to be sent, once for each event and endpoint however often it is asked to. Answers the
   * ids of all those that no attempt has begun on, earlier ones too: their messages may have been lost.
   */
  async add(wanted: readonly { readonly event: Event; readonly endpointId: string }[], now: number) {
    const rows = wanted.map(({ event, endpointId }) => {
      const id = deliveryId(event.id, endpointId);
      const payload = this.#keyring.seal(JSON.stringify(event), contextOf(id));
      return { id, endpointId, eventId: event.id, type: event.type, payload };
    });
    const results: string[] = [];
    for (const portion of chunksOf(rows)) {
      const chunk = JSON.stringify(portion);
      const [, notBegun] = await this.#db.batch<{ id: string }>([
        this.#db.prepare(INSERT).bind(chunk, now),
        this.#db.prepare(NOT_BEGUN).bind(chunk),
      ]);
      results.push(...(notBegun?.results.map(({ id }) => id) ?? []));
    }
    return results;
  }

  /**
   * Takes on a delivery whose turn it is: for {@link LEASE_MS} nobody else can, and the attempt is counted,
   * so that one which brings its Worker down does not go on for ever. Null when it is not its turn.
   */
  async take(id: string, now: number): Promise<DueDelivery | null> {
    const row = await this.#db
      .prepare(
        `UPDATE webhook_deliveries SET attempts = attempts + 1, next_attempt_at = ?3, updated_at = ?2
         WHERE id = ?1 AND status = 'pending' AND next_attempt_at <= ?2 RETURNING *`,
      )
      .bind(id, now, now + LEASE_MS)
      .first<{ payload: string }>();
    if (row === null) return null;
    // What opens under our key is what `add` has sealed.
    const openEvent = () => JSON.parse(this.#keyring.open(row.payload, contextOf(id))) as Event;
    return { ...deliveryRow.parse(row), openEvent };
  }

  /** When a delivery is due; null when nothing will come of it any more. */
  async dueAt(id: string): Promise<number | null> {
    return this.#db
      .prepare("SELECT next_attempt_at FROM webhook_deliveries WHERE id = ?1 AND status = 'pending'")
      .bind(id)
      .first<number>("next_attempt_at");
  }

  /**
   * Writes down how an attempt ended and when the next is due; with none to come, a failure is a dead
   * letter. An attempt that was overtaken by a later one has nothing more to say.
   */
  async record({ id, attempts }: Delivery, attempt: Attempt, nextAttemptAt: number | null, now: number) {
    const { delivered, status, error, durationMs } = attempt;
    const outcome = delivered ? "delivered" : nextAttemptAt === null ? "failed" : "pending";
    await this.#db
      .prepare(
        `UPDATE webhook_deliveries
         SET status = ?3, next_attempt_at = ?4, last_status = ?5, last_error = ?6, duration_ms = ?7, updated_at = ?8
         WHERE id = ?1 AND attempts = ?2 AND status = 'pending'`,
      )
      .bind(id, attempts, outcome, nextAttemptAt, status, error, durationMs, now)
      .run();
  }
}

/** The same for the same event and endpoint, whoever asks and however often. */
export function deliveryId(eventId: string, endpointId: string): string {
  const digest = createHash("sha256").update(`${endpointId}/${eventId}`).digest();
  return `whd_${base32(digest.subarray(0, ID_BYTES))}`;
}

function contextOf(id: string): string {
  return `webhook-delivery/${id}`;
}
