import * as z from "zod";
import { EVENT_TYPES } from "../../../events/event.ts";
import { described, documented } from "../../../platform/documented.ts";
import { toIso, toIsoOrNull } from "../../../platform/time.ts";
import {
  BATCH_EVENTS,
  BATCH_WAIT_MS,
  type BatchSettings,
} from "../../../webhook-endpoints/batch-settings.ts";
import type { Delivery } from "../../../webhook-endpoints/delivery.ts";
import { DISABLED_REASONS, type WebhookEndpoint } from "../../../webhook-endpoints/endpoints.ts";
import { isSlow } from "../../../webhook-endpoints/health.ts";

const BATCH_DESCRIPTION =
  'Several events in one request, as `{ "type": "batch", "data": [ … ] }`; null for a request for each event.';

const time = documented(() => z.iso.datetime().meta({ description: "UTC, with milliseconds." }));

export const eventTypes = z
  .array(z.enum(EVENT_TYPES))
  .min(1)
  .max(EVENT_TYPES.length)
  .nullable()
  .meta(
    described({ description: "The events it receives; null for all, those of later versions included." }),
  );

/** How an endpoint is to take batches. */
export const batch = z
  .strictObject({
    max_events: z
      .int()
      .min(BATCH_EVENTS.min)
      .max(BATCH_EVENTS.max)
      .default(BATCH_EVENTS.default)
      .meta(described({ description: "A batch with this many events is sent at once." })),
    max_wait_ms: z
      .int()
      .min(BATCH_WAIT_MS.min)
      .max(BATCH_WAIT_MS.max)
      .default(BATCH_WAIT_MS.default)
      .meta(described({ description: "How long an event waits for its batch to become full." })),
  })
  .nullable()
  .meta(described({ description: BATCH_DESCRIPTION }));

/** The settings that a request asks for. */
export function toBatchSettings(body: z.output<typeof batch>): BatchSettings | null {
  return body && { maxEvents: body.max_events, maxWaitMs: body.max_wait_ms };
}

export const webhookEndpointBody = documented(() =>
  z
    .object({
      id: z.string(),
      app: z.string().meta({ description: "The app whose events it receives." }),
      url: z.string(),
      description: z.string(),
      event_types: eventTypes,
      batch: z
        .object({ max_events: z.int(), max_wait_ms: z.int() })
        .meta({ id: "WebhookBatch" })
        .nullable()
        .meta({ description: BATCH_DESCRIPTION }),
      status: z.enum(["enabled", "disabled"]),
      disabled_reason: z.enum(DISABLED_REASONS).nullable().meta({
        description: "By request, because it answered 410, or because all attempts of five days failed.",
      }),
      failing_since: time.nullable().meta({ description: "Null from the first success on." }),
      slow: z.boolean().meta({
        description:
          "It took more than five seconds three times in a row, and has not answered ten times in time since. " +
          "Meanwhile its deliveries wait among retries.",
      }),
      previous_secret_expires_at: time.nullable().meta({
        description: "Until then what it gets is also signed with the secret before the last rotation.",
      }),
      created_at: time,
    })
    .meta({ id: "WebhookEndpoint" }),
);

export const endpointWithSecretBody = documented(() =>
  webhookEndpointBody
    .extend({ secret: z.string().meta({ description: "Verifies signatures. Shown this once." }) })
    .meta({ id: "EndpointWithSecret" }),
);

export const deliveryBody = documented(() =>
  z
    .object({
      id: z.string(),
      event_id: z.string().meta({ description: "The `webhook-id` of every attempt." }),
      type: z.string(),
      status: z.enum(["pending", "delivered", "failed"]),
      attempts: z.int(),
      next_attempt_at: time.nullable(),
      last_status: z.int().nullable().meta({ description: "The HTTP status of the last answer." }),
      last_error: z.string().nullable(),
      duration_ms: z.int().nullable().meta({ description: "How long the last attempt took." }),
      created_at: time,
      updated_at: time,
    })
    .meta({ id: "WebhookDelivery" }),
);

/** An endpoint as answers show it, without its secrets. */
export function toEndpointBody(endpoint: WebhookEndpoint): z.input<typeof webhookEndpointBody> {
  const { id, app, url, description, eventTypes, batch: settings, status, disabledReason } = endpoint;
  return {
    id,
    app,
    url,
    description,
    event_types: eventTypes,
    batch: settings && { max_events: settings.maxEvents, max_wait_ms: settings.maxWaitMs },
    status,
    disabled_reason: disabledReason,
    failing_since: toIsoOrNull(endpoint.failingSince),
    slow: isSlow(endpoint),
    previous_secret_expires_at: toIsoOrNull(endpoint.previousSecretExpiresAt),
    created_at: toIso(endpoint.createdAt),
  };
}

/** A delivery as answers show it, without the event. */
export function toDeliveryBody(delivery: Delivery): z.input<typeof deliveryBody> {
  const { id, eventId, type, status, attempts, lastStatus, lastError, durationMs } = delivery;
  return {
    id,
    event_id: eventId,
    type,
    status,
    attempts,
    next_attempt_at: toIsoOrNull(delivery.nextAttemptAt),
    last_status: lastStatus,
    last_error: lastError,
    duration_ms: durationMs,
    created_at: toIso(delivery.createdAt),
    updated_at: toIso(delivery.updatedAt),
  };
}
