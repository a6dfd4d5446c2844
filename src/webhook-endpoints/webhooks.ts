import type { Keyring } from "../platform/keyring.ts";
import { DAY_MS } from "../platform/time.ts";
import { Deliveries } from "./deliveries.ts";
import type { DeliveryQueues } from "./delivery.ts";
import { WebhookEndpoints } from "./endpoints.ts";
import { EndpointHealth } from "./health.ts";
import { Subscriptions } from "./subscriptions.ts";

/** What one daily run deletes at most; the next run takes the rest. */
const ROWS_PER_STEP = 1_000;
const MAX_STEPS = 200;

interface WebhookSettings {
  readonly db: D1Database;
  readonly queues: DeliveryQueues;
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
  const { db, keyring } = settings;
  const endpoints = new WebhookEndpoints(db, keyring);
  return {
    ...settings,
    endpoints,
    subscriptions: new Subscriptions(endpoints),
    deliveries: new Deliveries(db, keyring),
    health: new EndpointHealth(db),
  };
}

/** Deletes finished deliveries that exceed the retention, and seals the secrets again. For the daily schedule. */
export async function maintainWebhooks(
  { deliveries, endpoints }: Webhooks,
  retentionDays: number,
): Promise<void> {
  const before = Date.now() - retentionDays * DAY_MS;
  for (let step = 0; step < MAX_STEPS; step += 1) {
    if ((await deliveries.deleteBefore(before, ROWS_PER_STEP)) < ROWS_PER_STEP) break;
  }
  await endpoints.reseal();
}
