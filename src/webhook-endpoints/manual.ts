import type { AppScope } from "../ids/app-name.ts";
import { randomId } from "../ids/id.ts";
import { batchOf } from "./batch.ts";
import { serialize } from "./body.ts";
import type { DeliveryPage } from "./deliveries.ts";
import type { Delivery } from "./delivery.ts";
import type { WebhookEndpoint } from "./endpoints.ts";
import { type DeliveryQuery, newestFirst } from "./lane-deliveries.ts";
import { type Attempt, post } from "./post.ts";
import { enqueue } from "./queue.ts";
import type { Webhooks } from "./webhooks.ts";

/** The type of test events. Endpoints cannot subscribe to it. */
export const TEST_TYPE = "endpoint.test";

const ID_BYTES = 16;

/** How many deliveries one call replays: ten calls of the queue. */
export const REPLAYED_PER_CALL = 1_000;

/** What a replay of failed deliveries has begun. */
export interface Replay {
  readonly count: number;
  /** Where the next call goes on, in milliseconds since the epoch; null when none is left. */
  readonly next: number | null;
}

/**
 * Sends a signed test event to an endpoint at once, also to a disabled one, and returns its answer. It is not a
 * delivery: it is not retried, and it does not count towards the endpoint's health. Null without an endpoint.
 */
export async function sendTest(
  endpointId: string,
  scope: AppScope,
  { endpoints, allowLoopback }: Webhooks,
): Promise<(Attempt & { readonly eventId: string }) | null> {
  const now = Date.now();
  const target = await endpoints.target(endpointId, scope, now);
  if (target === null) return null;
  const eventId = randomId("evt_test_", ID_BYTES);
  const body = serialize({ type: TEST_TYPE, at: now }, { endpoint_id: endpointId });
  const event = { id: eventId, body };
  const request = target.endpoint.batch === null ? event : batchOf([event]);
  return { eventId, ...(await post(request, target, allowLoopback, true)) };
}

/** Delivers an event again, under the same id and with all attempts. Null when the endpoint has no such delivery. */
export async function replay(
  deliveryId: string,
  { id, hasLane }: WebhookEndpoint,
  { deliveries, queues, lanes }: Webhooks,
): Promise<Delivery | null> {
  const delivery = await deliveries.renew(deliveryId, id, Date.now());
  if (delivery !== null) await enqueue([delivery.id], queues.slow);
  return delivery ?? (hasLane ? lanes.replay(id, deliveryId) : null);
}

/** Lists an endpoint's deliveries, newest first: those of their own requests, and those in batches. */
export async function listDeliveries(
  { id, hasLane }: WebhookEndpoint,
  query: DeliveryQuery,
  { deliveries, lanes }: Webhooks,
): Promise<DeliveryPage> {
  const { onlyFailed, limit, after } = query;
  const page = await deliveries.list(id, onlyFailed, limit, after);
  if (!hasLane) return page;
  const found = [...page.deliveries, ...(await lanes.list(id, query))].toSorted(newestFirst);
  const shown = found.slice(0, limit);
  const hasMore = page.next !== null || found.length > limit;
  return { deliveries: shown, next: hasMore ? (shown.at(-1) ?? null) : null };
}

/**
 * Delivers again what has failed for good since a time, {@link REPLAYED_PER_CALL} at most and the rest of a batch: first what
 * was sent in batches, then what was sent singly, each oldest first. A repeated call repeats none: what is on its way is not
 * failed.
 *
 * @param since In milliseconds since the epoch.
 */
export async function replayFailed(
  { id, hasLane }: WebhookEndpoint,
  since: number,
  { deliveries, queues, lanes }: Webhooks,
): Promise<Replay> {
  const inLane = hasLane ? await lanes.replayFailed(id, since, REPLAYED_PER_CALL) : 0;
  // Those of its own requests follow when its object has none left.
  if (inLane >= REPLAYED_PER_CALL) return { count: inLane, next: since };
  const limit = REPLAYED_PER_CALL - inLane;
  const failed = await deliveries.renewFailed(id, since, limit, Date.now());
  const renewed = failed.toSorted((a, b) => a.createdAt - b.createdAt);
  await enqueue(
    renewed.map((delivery) => delivery.id),
    queues.slow,
  );
  const isMore = renewed.length === limit;
  return { count: inLane + renewed.length, next: isMore ? (renewed.at(-1)?.createdAt ?? null) : null };
}
