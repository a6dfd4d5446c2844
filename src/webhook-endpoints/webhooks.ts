import type { Keyring } from "../platform/keyring.ts";
import { Deliveries } from "./deliveries.ts";
import type { DeliveryQueues } from "./delivery.ts";
import { WebhookEndpoints } from "./endpoints.ts";
import { EndpointHealth } from "./health.ts";
import type { Lanes } from "./lanes.ts";
import { Subscriptions } from "./subscriptions.ts";

interface WebhookSettings {
  readonly db: D1Database;
  /** Has the types of events that endpoints subscribe to. */
  readonly namespace: KVNamespace;
  readonly queues: DeliveryQueues;
  readonly lanes: Lanes;
  readonly keyring: Keyring;
  /** For development: allows endpoints on this machine, over plain http. */
  readonly allowLoopback: boolean;
}

/** The webhook endpoints of a deployment: their stores, and what sending to them needs. */
export interface Webhooks extends WebhookSettings {
  readonly endpoints: WebhookEndpoints;
  readonly subscriptions: Subscriptions;
  readonly deliveries: Deliveries;
  readonly health: EndpointHealth;
}

export function webhooks(settings: WebhookSettings): Webhooks {
  const { db, keyring, namespace } = settings;
  const endpoints = new WebhookEndpoints(db, keyring, async () => {
    await subscriptions.publish();
  });
  const subscriptions = new Subscriptions(endpoints, namespace);
  return {
    ...settings,
    endpoints,
    subscriptions,
    deliveries: new Deliveries(db, keyring),
    health: new EndpointHealth(db),
  };
}
