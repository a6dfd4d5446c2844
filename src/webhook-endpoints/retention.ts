import { log } from "../platform/log.ts";
import { DAY_MS, HOUR_MS } from "../platform/time.ts";
import { DELIVERED_DAYS } from "./delivery.ts";
import type { Webhooks } from "./webhooks.ts";

/** Rows are deleted in steps, of which none blocks the database for long; what exceeds a run is left to the next. */
const ROWS_PER_STEP = 5_000;
const STEPS_PER_RUN = 100;
export const DELETED_PER_RUN = ROWS_PER_STEP * STEPS_PER_RUN;

/** How far behind the runs of a day may be and still see every delivered row; the daily run looks at all. */
const CATCH_UP_MS = DAY_MS;

/**
 * Deletes deliveries that have been kept long enough. For every run of the schedule, so that each has little to delete.
 * Those between the daily runs look at one day only: among all rows, they would read every failed one each time.
 *
 * @param isDaily Looks at every row.
 */
export async function deleteOldDeliveries(
  { deliveries, endpoints, lanes }: Webhooks,
  retentionDays: number,
  isDaily: boolean,
): Promise<void> {
  const now = Date.now();
  const before = now - Math.min(DELIVERED_DAYS, retentionDays) * DAY_MS;
  const delivered = { status: "delivered", from: isDaily ? 0 : before - CATCH_UP_MS, before } as const;
  const failed = { status: "failed", from: 0, before: now - retentionDays * DAY_MS } as const;
  for (const which of isDaily ? [delivered, failed] : [delivered]) {
    for (let step = 0; step < STEPS_PER_RUN; step += 1) {
      if ((await deliveries.delete(which, ROWS_PER_STEP)) < ROWS_PER_STEP) break;
    }
  }
  if (!isDaily) return;
  for (const { id, hasLane } of await endpoints.list(null)) {
    if (hasLane) await lanes.deleteOld(id, delivered.before, failed.before);
  }
}

/** What a delivery takes at least. */
const DELIVERY_BYTES = 500;

/** Delivered events are deleted in the order of such spans: the index leads to the oldest of each endpoint only. */
const SPAN_MS = 6 * HOUR_MS;

/** Deletes delivered events before their time, the oldest ones first, until so many bytes are free. */
export async function makeRoom({ deliveries }: Webhooks, bytes: number): Promise<void> {
  const now = Date.now();
  const wanted = Math.min(Math.ceil(bytes / DELIVERY_BYTES), DELETED_PER_RUN);
  let [deleted, from] = [0, 0];
  for (let before = now - DELIVERED_DAYS * DAY_MS; before <= now && deleted < wanted; before += SPAN_MS) {
    for (let isDone = false; !isDone; ) {
      const limit = Math.min(wanted - deleted, ROWS_PER_STEP);
      const count = await deliveries.delete({ status: "delivered", from, before }, limit);
      deleted += count;
      isDone = count < limit || deleted === wanted;
    }
    from = before;
  }
  log("warn", "Delivered webhook events deleted to make room in the journal's database", { count: deleted });
}
