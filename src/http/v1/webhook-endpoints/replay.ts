import { Problem } from "../../../platform/problem.ts";
import { replay } from "../../../webhook-endpoints/manual.ts";
import type { Webhooks } from "../../../webhook-endpoints/webhooks.ts";
import { endpoint } from "../endpoint.ts";
import { deliveryBody, toDeliveryBody } from "./body.ts";
import { orNotFound } from "./existing.ts";

export function replayDelivery(webhooks: Webhooks) {
  return endpoint({
    operationId: "replayWebhookDelivery",
    method: "post",
    path: "/v1/webhook-endpoints/{id}/deliveries/{delivery}/replay",
    scope: "webhooks",
    summary: "Deliver once more",
    description:
      "Sends an event again, under its own `webhook-id` and with all its attempts to come, whether it was " +
      "delivered or given up. The endpoint has to be enabled.",
    responses: { 202: { description: "On its way.", schema: deliveryBody } },
    problems: ["not_found"],
    async handle({ id, delivery }) {
      const found = orNotFound(await webhooks.endpoints.get(id));
      if (found.status === "disabled") {
        const detail = "The endpoint is disabled. Enable it first.";
        throw new Problem("invalid_request", { detail, errors: [{ pointer: "", detail }] });
      }
      const replayed = orNotFound(await replay(delivery, found, webhooks));
      return { status: 202, body: toDeliveryBody(replayed), outcome: "replayed" };
    },
  });
}
