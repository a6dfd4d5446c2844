import type { Keyring } from "../platform/keyring.ts";
import { Deliveries } from "./deliveries.ts";
import type { DeliveryJob } from "./delivery.ts";
import { DeliveryLog } from "./delivery-log.ts";
import { WebhookEndpoints } from "./endpoints.ts";
import { EndpointHealth } from "./health.ts";
import { Subscriptions } from "./subscriptions.ts";

interface WebhookSettings {
  readonly db: D1Database;
  readonly queue: Queue<DeliveryJob>;
  readonly keyring: Keyring;
  /** In development only: endpoints may be on this machine, over plain http. */
  readonly allowLoopback: boolean;
}

/** Everything that telling the team's own systems takes, put together. */
export interface Webhooks extends WebhookSettings {
  readonly endpoints: WebhookEndpoints;
  readonly subscriptions: Subscriptions;
  readonly deliveries: Deliveries;
  readonly deliveryLog: DeliveryLog;
  readonly health: EndpointHealth;
}

export function webhooks(settings: WebhookSettings): Webhooks {
  const { db, keyring } = settings;
  const endpoints = new WebhookEndpoints(db, keyring);
  return {
    ...settings,
    endpoints,
    subscriptions: new Subscriptions(endpoints),
    deliveries: new Deliveries(db, keyring),
    deliveryLog: new DeliveryLog(db),
    health: new EndpointHealth(db),
  };
}
