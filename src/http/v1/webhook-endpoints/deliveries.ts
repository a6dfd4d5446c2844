import * as z from "zod";
import { serializeCursor } from "../../../platform/cursor.ts";
import { described, documented } from "../../../platform/documented.ts";
import { Problem } from "../../../platform/problem.ts";
import { toIsoOrNull } from "../../../platform/time.ts";
import type { WebhookEndpoint } from "../../../webhook-endpoints/endpoints.ts";
import {
  listDeliveries,
  REPLAYED_PER_CALL,
  replay,
  replayFailed,
  sendTest,
  TEST_TYPE,
} from "../../../webhook-endpoints/manual.ts";
import type { Webhooks } from "../../../webhook-endpoints/webhooks.ts";
import { anyText, defineEndpoint, type Handlers, orNotFound } from "../../endpoint.ts";
import { scopeOf } from "../apps.ts";
import { moment } from "../fields.ts";
import { cursorField, pageBody, pageQuery } from "../page.ts";
import { deliveryBody, toDeliveryBody } from "./body.ts";

const testBody = documented(() =>
  z
    .object({
      event_id: z.string().meta({ description: "The `webhook-id` it was sent under." }),
      delivered: z.boolean().meta({ description: "Whether the answer was a 2xx." }),
      status: z.int().nullable().meta({ description: "The answer's HTTP status; null when there was none." }),
      error: z.string().nullable(),
      answer: z
        .string()
        .meta({ description: "The beginning of the answer's body, at most 1,024 characters." }),
      duration_ms: z.int(),
    })
    .meta({ id: "WebhookTest" }),
);

const replayBody = documented(() =>
  z
    .object({
      replayed: z.int().meta({ description: "How many are on their way again." }),
      next: z.iso.datetime().nullable().meta({
        description: "The `since` of the next call; null when none is left.",
      }),
    })
    .meta({ id: "WebhookReplay" }),
);

export const deliveryDefinitions = {
  testWebhookEndpoint: defineEndpoint({
    operationId: "testWebhookEndpoint",
    method: "post",
    path: "/v1/webhook-endpoints/{id}/test",
    scope: "webhooks",
    docs: documented(() => ({
      summary: "Send a test event",
      description:
        `Sends \`{ "type": "${TEST_TYPE}", "timestamp": "…", "data": { "endpoint_id": "…" } }\` now, signed like ` +
        "every event, also to a disabled endpoint, and answers what came back. Nothing is retried or kept.",
      responses: { 200: { description: "What came of it, well or badly.", schema: testBody } },
      problems: ["not_found"],
    })),
    params: { id: anyText },
  }),

  listWebhookDeliveries: defineEndpoint({
    operationId: "listWebhookDeliveries",
    method: "get",
    path: "/v1/webhook-endpoints/{id}/deliveries",
    scope: "webhooks",
    docs: documented(() => ({
      summary: "List an endpoint's deliveries",
      description:
        "Newest first, a page at a time: delivered ones for seven days, failed ones as long as the journal keeps anything.",
      responses: { 200: { description: "A page of deliveries.", schema: pageBody(deliveryBody) } },
      problems: ["not_found"],
    })),
    params: { id: anyText },
    query: z.strictObject({
      status: z
        .enum(["failed"])
        .optional()
        .meta(described({ description: "Only the dead letters: what every attempt has failed to deliver." })),
      limit: pageQuery.limit,
      after: cursorField(anyText)
        .optional()
        .meta(described({ description: "The `next` of the page before." })),
    }),
  }),

  replayWebhookDelivery: defineEndpoint({
    operationId: "replayWebhookDelivery",
    method: "post",
    path: "/v1/webhook-endpoints/{id}/deliveries/{delivery}/replay",
    scope: "webhooks",
    docs: documented(() => ({
      summary: "Deliver once more",
      description:
        "Sends an event again, under its own `webhook-id` and with all its attempts to come, whether it was " +
        "delivered or given up. The endpoint has to be enabled.",
      responses: { 202: { description: "On its way.", schema: deliveryBody } },
      problems: ["not_found"],
    })),
    params: { id: anyText, delivery: anyText },
  }),

  replayFailedWebhookDeliveries: defineEndpoint({
    operationId: "replayFailedWebhookDeliveries",
    method: "post",
    path: "/v1/webhook-endpoints/{id}/replay",
    scope: "webhooks",
    docs: documented(() => ({
      summary: "Deliver once more what has failed",
      description:
        "Sends again what has been given up and was created since a time, oldest first and at most " +
        `${REPLAYED_PER_CALL.toLocaleString("en-US")} events a call and the rest of a batch, each under its own \`webhook-id\`. A repeated ` +
        "call replays none twice, because what is on its way has not failed. The endpoint has to be enabled.",
      example: { since: "2026-11-23T00:00:00Z" },
      responses: { 202: { description: "On their way.", schema: replayBody } },
      problems: ["not_found"],
    })),
    params: { id: anyText },
    body: z
      .strictObject({
        since: moment.meta(
          described({
            description: "ISO 8601: the earliest `created_at` of a delivery.",
            examples: ["2026-11-23"],
          }),
        ),
      })
      .meta(described({ id: "ReplayFailed" })),
  }),
};

export function deliveryHandlers(webhooks: Webhooks): Handlers<typeof deliveryDefinitions> {
  const { endpoints } = webhooks;
  return {
    async testWebhookEndpoint({ params: { id }, caller }) {
      const { eventId, excerpt, durationMs, ...attempt } = orNotFound(
        await sendTest(id, scopeOf(caller), webhooks),
      );
      const body = { event_id: eventId, ...attempt, answer: excerpt, duration_ms: durationMs };
      return { status: 200, body, outcome: attempt.delivered ? "delivered" : "failed" };
    },
    async listWebhookDeliveries({ params: { id }, query: { status, limit, after = null }, caller }) {
      const endpoint = orNotFound(await endpoints.get(id, scopeOf(caller)));
      const query = { onlyFailed: status === "failed", limit, after };
      const { deliveries, next } = await listDeliveries(endpoint, query, webhooks);
      const body = { data: deliveries.map(toDeliveryBody), next: next && serializeCursor(next) };
      return { status: 200, body, outcome: "listed" };
    },
    async replayWebhookDelivery({ params: { id, delivery }, caller }) {
      const endpoint = enabled(await endpoints.get(id, scopeOf(caller)));
      const replayed = orNotFound(await replay(delivery, endpoint, webhooks));
      return { status: 202, body: toDeliveryBody(replayed), outcome: "replayed" };
    },
    async replayFailedWebhookDeliveries({ params: { id }, body: { since }, caller }) {
      const endpoint = enabled(await endpoints.get(id, scopeOf(caller)));
      const { count, next } = await replayFailed(endpoint, since, webhooks);
      return { status: 202, body: { replayed: count, next: toIsoOrNull(next) }, outcome: "replayed" };
    },
  };
}

function enabled(found: WebhookEndpoint | null): WebhookEndpoint {
  const endpoint = orNotFound(found);
  if (endpoint.status === "enabled") return endpoint;
  const detail = "The endpoint is disabled. Enable it first.";
  throw new Problem("invalid_request", { detail, errors: [{ pointer: "", detail }] });
}
