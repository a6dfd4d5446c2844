import { base32 } from "../ids/base32.ts";
import { serialize } from "./body.ts";
import { enqueue } from "./deliver.ts";
import type { Delivery } from "./delivery.ts";
import type { WebhookEndpoint } from "./endpoint.ts";
import { type Attempt, post } from "./post.ts";
import type { Webhooks } from "./webhooks.ts";

/** The type of an event that only says: you would have got something now. No endpoint can subscribe to it. */
export const TEST_TYPE = "endpoint.test";

const ID_BYTES = 16;

/**
 * Sends an endpoint a signed test event at once, be it enabled or not, and brings back what it answered.
 * It is no delivery: nothing is retried, and the endpoint's health is not judged by it.
 */
export async function sendTest(
  endpointId: string,
  { endpoints, allowLoopback }: Webhooks,
): Promise<(Attempt & { readonly eventId: string }) | null> {
  const now = Date.now();
  const target = await endpoints.target(endpointId, now);
  if (target === null) return null;
  const eventId = `evt_test_${base32(crypto.getRandomValues(new Uint8Array(ID_BYTES)))}`;
  const body = serialize({ type: TEST_TYPE, at: now }, { endpoint_id: endpointId });
  return { eventId, ...(await post({ id: eventId, body }, target, allowLoopback, true)) };
}

/** Delivers once more what was delivered or given up, under the same event id, with all its attempts to come. */
export async function replay(
  deliveryId: string,
  { id }: WebhookEndpoint,
  { deliveryLog, queue }: Webhooks,
): Promise<Delivery | null> {
  const delivery = await deliveryLog.renew(deliveryId, id, Date.now());
  if (delivery !== null) await enqueue([delivery.id], queue);
  return delivery;
}
