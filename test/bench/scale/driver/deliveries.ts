import { DELIVERY_BYTES } from "../../../../src/scale/per-verification.ts";
import { Deliveries } from "../../../../src/webhook-endpoints/deliveries.ts";
import { eventsOfEachKind } from "../../../webhook-endpoints/events.ts";
import type { Result } from "../protocol.ts";
import { bytesVerdicts } from "./bytes.ts";
import type { MeteredDatabase } from "./metered-database.ts";
import { keyring } from "./rows.ts";

const MAX_DELIVERY_BYTES = 700;
const ENDPOINTS = ["whe_aaaaaaaaaaaaaaaaaaaaaaaaaa", "whe_bbbbbbbbbbbbbbbbbbbbbbbbbb"];
const EVENTS_OF_A_BATCH = 100;

/** Stores deliveries of events to two endpoints, as they are after they were delivered. */
export async function measureDeliveries(database: MeteredDatabase, count: number): Promise<Result> {
  const { db } = database;
  const deliveries = new Deliveries(db, keyring);
  const before = await database.size();
  for (let stored = 0; stored < count; stored += EVENTS_OF_A_BATCH * ENDPOINTS.length) {
    const events = Array.from({ length: EVENTS_OF_A_BATCH }, () => eventsOfEachKind(keyring).verification);
    const pairs = events.flatMap((event) => ENDPOINTS.map((endpointId) => ({ event, endpointId })));
    await deliveries.add(pairs, Date.now() + stored);
  }
  await db
    .prepare(
      `UPDATE webhook_deliveries SET status = 'delivered', attempts = 1, next_attempt_at = NULL, last_status = 204,
         duration_ms = 48, updated_at = updated_at + 1730`,
    )
    .run();
  const bytes = ((await database.size()) - before) / count;
  const expected = { limit: MAX_DELIVERY_BYTES, assumed: DELIVERY_BYTES };
  return {
    verdicts: bytesVerdicts("delivery", "a delivered event", bytes, expected),
    note: `${count} deliveries`,
  };
}
