import * as z from "zod";
import type { Event } from "../events/event.ts";

/** An event on its way to one endpoint, or arrived there, or given up. Times in milliseconds since the epoch. */
export type Delivery = z.output<typeof deliveryRow>;

/** A delivery whose turn it is, and which nobody else will attempt for a while. */
export interface DueDelivery extends Delivery {
  /** Throws when the event was sealed under a key that is gone. */
  readonly openEvent: () => Event;
}

/** What the queue carries: everything else is in D1. */
export interface DeliveryJob {
  readonly id: string;
}

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
