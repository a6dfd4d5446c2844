import { appOf, type Event } from "../events/event.ts";
import { sendAll } from "../platform/chunks.ts";
import { MINUTE_MS } from "../platform/time.ts";
import type { DeliveryJob } from "./delivery.ts";
import { isSlow } from "./health.ts";
import type { Webhooks } from "./webhooks.ts";

/** Messages this late are lost: a queue loses none that it accepted, but a Worker may crash before it sends one. */
const OVERDUE_MS = 10 * MINUTE_MS;

/** How many overdue deliveries one scheduled run enqueues; the next run takes the rest. */
const MAX_OVERDUE_PER_RUN = 1_000;

/**
 * Stores a delivery for each event and each enabled endpoint of its app that subscribes to its type, then enqueues a message
 * that points to it; an endpoint that takes batches has an object that stores them instead. Nothing is sent yet, so that a slow endpoint does not hold up the events behind it. Throws when
 * D1, a queue or an object fails; a repeat adds nothing twice.
 */
export async function deliverEvents(events: readonly Event[], webhooks: Webhooks): Promise<void> {
  const { deliveries, endpoints, queues, lanes } = webhooks;
  const enabled = (await endpoints.list(null)).filter(({ status }) => status === "enabled");
  const handedOver = enabled.map(async ({ id, app, eventTypes, batch }) => {
    const wanted = events.filter(
      (event) => app === appOf(event) && (eventTypes?.includes(event.type) ?? true),
    );
    if (batch === null) return wanted.map((event) => ({ event, endpointId: id }));
    if (wanted.length > 0) await lanes.add(id, wanted, batch);
    return [];
  });
  const pairs = (await Promise.all(handedOver)).flat();
  const slow = new Set(enabled.filter(isSlow).map(({ id }) => id));
  const stored = await deliveries.add(pairs, Date.now());
  const idsWhere = (inSlow: boolean) =>
    stored.flatMap(({ id, endpointId }) => (slow.has(endpointId) === inSlow ? [id] : []));
  await enqueue(idsWhere(false), queues.first);
  await enqueue(idsWhere(true), queues.slow);
}

/** Enqueues a message for each delivery, to be attempted at once. */
export function enqueue(ids: readonly string[], queue: Queue<DeliveryJob>): Promise<void> {
  return sendAll(
    queue,
    ids.map((id) => ({ id })),
  );
}

/** Enqueues overdue deliveries again. For every run of the scheduled handler. */
export async function enqueueOverdue({ deliveries, queues }: Webhooks): Promise<void> {
  const now = Date.now();
  await enqueue(await deliveries.takeOverdue(now - OVERDUE_MS, now, MAX_OVERDUE_PER_RUN), queues.slow);
}
