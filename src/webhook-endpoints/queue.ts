import { appOf, type Event } from "../events/event.ts";
import { sendAll } from "../platform/chunks.ts";
import { MINUTE_MS } from "../platform/time.ts";
import type { DeliveryJob } from "./delivery.ts";
import type { WebhookEndpoint } from "./endpoints.ts";
import { isSlow } from "./health.ts";
import type { Webhooks } from "./webhooks.ts";

/** Messages this late are lost: a queue loses none that it accepted, but a Worker may crash before it sends one. */
const OVERDUE_MS = 10 * MINUTE_MS;

/** How many overdue deliveries one scheduled run enqueues; the next run takes the rest. */
const MAX_OVERDUE_PER_RUN = 1_000;

/**
 * Hands events to each enabled endpoint of their app that subscribes to their types: to the object of one that takes
 * batches, and as deliveries in D1 for the others. Nothing is sent yet, so that a slow endpoint does not hold up the events
 * behind it. Throws when D1, a queue or an object fails, once the others have what is theirs; a repeat adds nothing twice.
 */
export async function deliverEvents(events: readonly Event[], webhooks: Webhooks): Promise<void> {
  const enabled = (await webhooks.endpoints.list(null)).filter(({ status }) => status === "enabled");
  const wantedBy = ({ app, eventTypes }: WebhookEndpoint) =>
    events.filter((event) => app === appOf(event) && (eventTypes?.includes(event.type) ?? true));
  const toLanes = enabled.map(async (endpoint) => {
    const { id, batch } = endpoint;
    const wanted = batch === null ? [] : wantedBy(endpoint);
    if (batch !== null && wanted.length > 0) await webhooks.lanes.add(id, wanted, batch);
  });
  const singly = enabled.filter(({ batch }) => batch === null);
  const pairs = singly.flatMap((endpoint) =>
    wantedBy(endpoint).map((event) => ({ event, endpointId: endpoint.id })),
  );
  const outcomes = await Promise.allSettled([storeSingly(pairs, singly, webhooks), ...toLanes]);
  const failure = outcomes.find(({ status }) => status === "rejected");
  if (failure?.status === "rejected") throw failure.reason;
}

async function storeSingly(
  pairs: readonly { readonly event: Event; readonly endpointId: string }[],
  endpoints: readonly WebhookEndpoint[],
  { deliveries, queues }: Webhooks,
): Promise<void> {
  const slow = new Set(endpoints.filter(isSlow).map(({ id }) => id));
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
