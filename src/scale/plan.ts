import { WEEK_MS } from "../journal/weeks.ts";
import { DAY_MS } from "../platform/time.ts";
import { DELIVERED_DAYS } from "../webhook-endpoints/delivery.ts";
import type { DeploymentSettings } from "./deployment.ts";
import { type Load, PEAK } from "./load.ts";
import * as each from "./per-verification.ts";

/** A load on a deployment, with what follows for one verification. */
export interface Plan extends Omit<Load, "senders" | "retentionDays"> {
  readonly settings: DeploymentSettings;
  readonly retentionDays: number;
  /** How many senders there are, and the messages that all of them send in a second. */
  readonly senders: number;
  readonly pace: number;
  /** The people that all senders may write to in a day; null where one of them has no limit. */
  readonly recipientsPerDay: number | null;
  /** Of one verification: the events that reach the queue, and their deliveries in the database. */
  readonly events: number;
  readonly deliveries: number;
}

/** The settings hold where the load names nothing else. */
export function planOf({ senders, retentionDays, ...load }: Load, settings: DeploymentSettings): Plan {
  const configured = settings.senders.reduce((sum, { messagesPerSecond }) => sum + messagesPerSecond, 0);
  return {
    ...load,
    settings,
    retentionDays: retentionDays ?? settings.retentionDays,
    senders: senders?.count ?? settings.senders.length,
    pace: senders === null ? configured : senders.count * senders.pace,
    recipientsPerDay:
      senders === null ? sumOf(settings.senders.map((sender) => sender.recipientsPerDay)) : null,
    events: load.endpoints === 0 ? each.EVENTS_WITHOUT_ENDPOINT : each.EVENTS,
    deliveries: load.hasBatches ? 0 : load.endpoints * each.EVENTS,
  };
}

/** Null where one of the numbers is. */
function sumOf(numbers: readonly (number | null)[]): number | null {
  return numbers.reduce<number | null>(
    (sum, number) => (sum === null || number === null ? null : sum + number),
    0,
  );
}

/** The mean rate at whose peak a limit of units a second is met. */
export function atPeak(unitsPerSecond: number, unitsOfEach: number): number {
  return unitsPerSecond / unitsOfEach / PEAK;
}

/** The mean rate that is met by so many units a day. */
export function aDay(units: number, unitsOfEach: number): number {
  return units / unitsOfEach / (DAY_MS / 1000);
}

/** What D1 keeps of each verification when it keeps the most: bytes times days. */
export interface Stored {
  readonly rows: number;
  readonly deliveries: number;
  /** A week is dropped as a whole, when its last row is old. */
  readonly rowDays: number;
  readonly deliveryDays: number;
}

export function storedOf({ retentionDays, deliveries }: Plan): Stored {
  const rowDays = retentionDays + WEEK_MS / DAY_MS;
  const deliveryDays = Math.min(DELIVERED_DAYS, retentionDays);
  return {
    rows: each.ROW_BYTES * rowDays,
    deliveries: deliveries * each.DELIVERY_BYTES * deliveryDays,
    rowDays,
    deliveryDays,
  };
}
