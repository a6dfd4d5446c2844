import { LIMIT_BYTES } from "../journal/capacity.ts";
import { PLATFORM_COST_USD } from "../journal/platform-cost.ts";
import { DAY_MS } from "../platform/time.ts";
import { BATCH_EVENTS } from "../webhook-endpoints/batch-settings.ts";
import { DELIVERED_DAYS } from "../webhook-endpoints/delivery.ts";
import * as each from "./per-verification.ts";
import { type Plan, storedOf } from "./plan.ts";
import * as platform from "./platform.ts";

const MONTH_SECONDS = (30 * DAY_MS) / 1000;

/** What a month of 30 days costs, in US dollars at list prices. Included usage is not deducted. */
export interface Dollars {
  readonly verifications: number;
  readonly endpoints: number;
  readonly storage: number;
  readonly logs: number;
}

export function dollarsOf(plan: Plan): Dollars {
  const { rate, endpoints, hasBatches, deliveries, settings } = plan;
  const verifications = rate * MONTH_SECONDS;
  const events = endpoints === 0 ? 0 : each.EVENTS_USD;
  const batched = hasBatches ? endpoints * each.EVENTS : 0;
  const { rows, deliveries: ofDeliveries } = storedOf(plan);
  const stored = Math.min(LIMIT_BYTES, (rate * (rows + ofDeliveries) * DAY_MS) / 1000);
  const storedInLanes = (rate * batched * each.BATCHED_EVENT_BYTES * DELIVERED_DAYS * DAY_MS) / 1000;
  return {
    verifications: verifications * PLATFORM_COST_USD,
    endpoints:
      verifications *
      (events + deliveries * each.DELIVERY_USD + (batched / eventsOfBatch(plan)) * each.BATCH_USD),
    storage: (stored * platform.D1_USD_PER_GB_MONTH + storedInLanes * platform.OBJECT_USD_PER_GB_MONTH) / 1e9,
    logs: (verifications * each.LOG_LINES * settings.loggedShare * platform.LOG_USD_PER_MILLION) / 1e6,
  };
}

/** The consumer hands over what has come while it waited for a full batch. */
function eventsOfBatch({ rate, settings }: Plan): number {
  const seconds = settings.consumers.get("sandi-events")?.seconds ?? 1;
  return Math.min(BATCH_EVENTS.default, Math.max(1, rate * each.EVENTS * seconds));
}
