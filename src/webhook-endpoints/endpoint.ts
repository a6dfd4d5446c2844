import * as z from "zod";
import { EVENT_TYPES, type EventType } from "../events/event.ts";

/** Why an endpoint gets nothing: somebody wanted so, it answered 410 Gone, or nothing but failure for five days. */
export const DISABLED_REASONS = ["by_request", "gone", "failing"] as const;
export type DisabledReason = (typeof DISABLED_REASONS)[number];

/** One of the team's own systems that is told of events. Its secrets are not part of it. */
export type WebhookEndpoint = z.output<typeof endpointRow>;

/** What may be changed about an endpoint. */
export interface EndpointChanges {
  readonly url?: string | undefined;
  readonly description?: string | undefined;
  /** Null: every type, those to come included. */
  readonly eventTypes?: WebhookEndpoint["eventTypes"] | undefined;
  readonly status?: WebhookEndpoint["status"] | undefined;
}

const knownTypes: ReadonlySet<string> = new Set(EVENT_TYPES);
const isKnown = (type: string): type is EventType => knownTypes.has(type);

/** A type that another version of this service knew is ignored; it must not stop the others. */
const eventTypes = z
  .string()
  .nullable()
  .transform((json) => (json === null ? null : z.array(z.string()).parse(JSON.parse(json)).filter(isKnown)));

/** A row of `webhook_endpoints`, without the sealed secrets. */
export const endpointRow = z
  .object({
    id: z.string(),
    url: z.string(),
    description: z.string(),
    event_types: eventTypes,
    previous_secret_expires_at: z.number().nullable(),
    status: z.enum(["enabled", "disabled"]),
    disabled_reason: z.enum(DISABLED_REASONS).nullable(),
    failing_since: z.number().nullable(),
    created_at: z.number(),
  })
  .transform((row) => ({
    id: row.id,
    url: row.url,
    description: row.description,
    status: row.status,
    eventTypes: row.event_types,
    previousSecretExpiresAt: row.previous_secret_expires_at,
    disabledReason: row.disabled_reason,
    failingSince: row.failing_since,
    createdAt: row.created_at,
  }));
