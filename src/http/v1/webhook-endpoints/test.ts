import * as z from "zod";
import { sendTest, TEST_TYPE } from "../../../webhook-endpoints/manual.ts";
import type { Webhooks } from "../../../webhook-endpoints/webhooks.ts";
import { endpoint } from "../endpoint.ts";
import { orNotFound } from "./existing.ts";

const testBody = z
  .object({
    event_id: z.string().meta({ description: "The `webhook-id` it was sent under." }),
    delivered: z.boolean().meta({ description: "Whether the answer was a 2xx." }),
    status: z.int().nullable().meta({ description: "The answer's HTTP status; null when there was none." }),
    error: z.string().nullable(),
    answer: z.string().meta({ description: "The beginning of the answer's body, at most 1,024 characters." }),
    duration_ms: z.int(),
  })
  .meta({ id: "WebhookTest" });

export function testWebhookEndpoint(webhooks: Webhooks) {
  return endpoint({
    operationId: "testWebhookEndpoint",
    method: "post",
    path: "/v1/webhook-endpoints/{id}/test",
    scope: "webhooks",
    summary: "Send a test event",
    description:
      `Sends \`{ "type": "${TEST_TYPE}", "timestamp": "…", "data": { "endpoint_id": "…" } }\` now, signed like ` +
      "every event, also to a disabled endpoint, and answers what came back. Nothing is retried or kept.",
    responses: { 200: { description: "What came of it, well or badly.", schema: testBody } },
    problems: ["not_found"],
    async handle({ id }) {
      const { eventId, excerpt, durationMs, ...made } = orNotFound(await sendTest(id, webhooks));
      const body = { event_id: eventId, ...made, answer: excerpt, duration_ms: durationMs };
      return { status: 200, body, outcome: made.delivered ? "delivered" : "failed" };
    },
  });
}
