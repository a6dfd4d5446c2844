import type { Webhooks } from "../../../webhook-endpoints/webhooks.ts";
import { endpoint } from "../endpoint.ts";
import { pageBody } from "../page.ts";
import { toEndpointBody, webhookEndpointBody } from "./body.ts";

export function listWebhookEndpoints({ endpoints }: Webhooks) {
  return endpoint({
    operationId: "listWebhookEndpoints",
    method: "get",
    path: "/v1/webhook-endpoints",
    scope: "webhooks",
    summary: "List webhook endpoints",
    description: "All of them on one page, oldest first, without their secrets.",
    responses: { 200: { description: "The endpoints.", schema: pageBody(webhookEndpointBody) } },
    problems: [],
    async handle() {
      const all = await endpoints.list();
      return { status: 200, body: { data: all.map(toEndpointBody), next: null }, outcome: "listed" };
    },
  });
}
