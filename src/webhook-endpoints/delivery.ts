import * as z from "zod";
import type { Event } from "../events/event.ts";

/** One event for one endpoint: pending, delivered or failed. Times are milliseconds since the epoch. */
export type Delivery = z.output<typeof deliveryRow>;

/** A delivery with its event. */
export interface DueDelivery extends Delivery {
  /** The attempts that its row has; an attempt's result counts only while these are the same. */
  readonly storedAttempts: number;
  /** Decrypts the event. Throws when its `SECRET_KEY` is no longer configured. */
  readonly openEvent: () => Event;
}

/** A message on a queue of deliveries; everything else is in D1. */
export interface DeliveryJob {
  readonly id: string;
}

/**
 * The queues of deliveries: one for first attempts, and one for what may take long or wait, which is every repeat and
 * each attempt for an endpoint that is slow.
 */
export type DeliveryQueues = Readonly<Record<"first" | "slow", Queue<DeliveryJob>>>;

/** How long a delivered event is listed and can be replayed; a failed one as long as the journal keeps anything. */
export const DELIVERED_DAYS = 7;

/** A row of `webhook_deliveries`, without its sealed payload. */
export const deliveryRow = z
  .object({
    id: z.string(),
    endpoint_id: z.string(),
    event_id: z.string(),
    type: z.string(),
    status: z.enum(["pending", "delivered", "failed"]),
    attempts: z.number(),
    next_attempt_at: z.number().nullable(),
    last_status: z.number().nullable(),
    last_error: z.string().nullable(),
    duration_ms: z.number().nullable(),
    created_at: z.number(),
    updated_at: z.number(),
  })
  .transform((row) => ({
    id: row.id,
    type: row.type,
    status: row.status,
    attempts: row.attempts,
    endpointId: row.endpoint_id,
    eventId: row.event_id,
    nextAttemptAt: row.next_attempt_at,
    lastStatus: row.last_status,
    lastError: row.last_error,
    durationMs: row.duration_ms,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }));

const MINUTE_SECONDS = 60;
const HOUR_SECONDS = 3_600;

/** The delay after each failed attempt: the example schedule of Standard Webhooks, about 76 hours in total. */
const RETRY_AFTER_SECONDS = [
  5,
  5 * MINUTE_SECONDS,
  30 * MINUTE_SECONDS,
  2 * HOUR_SECONDS,
  5 * HOUR_SECONDS,
  10 * HOUR_SECONDS,
  14 * HOUR_SECONDS,
  20 * HOUR_SECONDS,
  24 * HOUR_SECONDS,
] as const;

/** The first attempt, and one after each delay of the schedule. */
export const MAX_ATTEMPTS = RETRY_AFTER_SECONDS.length + 1;

/** How often an event that its endpoint never takes is tried within so many seconds of its first attempt. */
export function attemptsWithin(seconds: number): number {
  let attempts = 1;
  let at = 0;
  for (const delay of RETRY_AFTER_SECONDS) {
    at += delay;
    if (at > seconds) break;
    attempts += 1;
  }
  return attempts;
}

/** Cloudflare Queues delay a message by 12 hours at most. */
const MAX_QUEUE_DELAY_SECONDS = 12 * HOUR_SECONDS;

/** When to attempt again after that many failed attempts; null when the delivery has failed for good. */
export function nextAttemptAt(attempts: number, now: number): number | null {
  const delay = RETRY_AFTER_SECONDS[attempts - 1];
  return delay === undefined ? null : now + delay * 1000;
}

/** The delay of a message that is due at a time. Beyond the queue's limit it arrives early, and is delayed again. */
export function delaySeconds(dueAt: number, now: number): number {
  const seconds = Math.ceil((dueAt - now) / 1000);
  return Math.min(Math.max(seconds, 0), MAX_QUEUE_DELAY_SECONDS);
}

/** The delay before a message is retried that failed on our side, for example because D1 was down. */
export function delayAfterFault(attempts: number): number {
  return Math.min(5 * 2 ** Math.min(attempts, 10), 10 * MINUTE_SECONDS);
}
