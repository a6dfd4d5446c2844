import { Problem } from "../../../platform/problem.ts";
import type { Webhooks } from "../../../webhook-endpoints/webhooks.ts";
import { endpoint } from "../endpoint.ts";

export function deleteWebhookEndpoint({ endpoints }: Webhooks) {
  return endpoint({
    operationId: "deleteWebhookEndpoint",
    method: "delete",
    path: "/v1/webhook-endpoints/{id}",
    scope: "webhooks",
    summary: "Delete a webhook endpoint",
    description: "What is still on its way to it is given up.",
    responses: { 204: { description: "Deleted." } },
    problems: ["not_found"],
    async handle({ id }) {
      if (!(await endpoints.delete(id))) throw new Problem("not_found");
      return { status: 204, outcome: "deleted" };
    },
  });
}
