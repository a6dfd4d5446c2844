import type { Webhooks } from "../../../webhook-endpoints/webhooks.ts";
import { endpoint } from "../endpoint.ts";
import { endpointWithSecretBody, toEndpointBody } from "./body.ts";
import { orNotFound } from "./existing.ts";

export function rotateWebhookSecret({ endpoints }: Webhooks) {
  return endpoint({
    operationId: "rotateWebhookSecret",
    method: "post",
    path: "/v1/webhook-endpoints/{id}/rotate",
    scope: "webhooks",
    summary: "Replace the secret",
    description:
      "The new secret is in this answer and can never be read again. For 24 hours everything is signed with both " +
      "the new secret and the one before it; a second rotation ends the oldest at once.",
    responses: { 200: { description: "Replaced.", schema: endpointWithSecretBody } },
    problems: ["not_found"],
    async handle({ id }) {
      const { endpoint, secret } = orNotFound(await endpoints.rotate(id, Date.now()));
      return { status: 200, body: { ...toEndpointBody(endpoint), secret }, outcome: "rotated" };
    },
  });
}
