import type { Webhooks } from "../../../webhook-endpoints/webhooks.ts";
import { endpoint } from "../endpoint.ts";
import { toEndpointBody, webhookEndpointBody } from "./body.ts";
import { orNotFound } from "./existing.ts";

export function getWebhookEndpoint({ endpoints }: Webhooks) {
  return endpoint({
    operationId: "getWebhookEndpoint",
    method: "get",
    path: "/v1/webhook-endpoints/{id}",
    scope: "webhooks",
    summary: "Read a webhook endpoint",
    description: "Without its secret.",
    responses: { 200: { description: "The endpoint.", schema: webhookEndpointBody } },
    problems: ["not_found"],
    async handle({ id }) {
      const found = orNotFound(await endpoints.get(id));
      return { status: 200, body: toEndpointBody(found), outcome: found.status };
    },
  });
}
