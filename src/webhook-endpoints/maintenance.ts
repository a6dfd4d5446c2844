import { DAY_MS, MINUTE_MS } from "../platform/time.ts";
import { enqueue } from "./deliver.ts";
import type { Webhooks } from "./webhooks.ts";

/** Queues lose nothing that they have accepted, but a Worker may die in between, and retention ends. */
const OVERDUE_MS = 10 * MINUTE_MS;

/** What one call of the scheduled handler takes on; the next one takes on the rest. */
const ROWS_AT_ONCE = 1_000;
const MOST_ROUNDS = 200;

/** Sends messages anew for deliveries that are overdue. For every call of the scheduled handler. */
export async function sweepDeliveries({ deliveryLog, queue }: Webhooks): Promise<void> {
  const now = Date.now();
  await enqueue(await deliveryLog.overdue(now - OVERDUE_MS, now, ROWS_AT_ONCE), queue);
}

/** Forgets deliveries that are over and older than the journal keeps anything, and renews the seals of secrets. Once a day. */
export async function tidyWebhooks(
  { deliveryLog, endpoints }: Webhooks,
  retentionDays: number,
): Promise<void> {
  const before = Date.now() - retentionDays * DAY_MS;
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    if ((await deliveryLog.forget(before, ROWS_AT_ONCE)) < ROWS_AT_ONCE) break;
  }
  await endpoints.reseal();
}
