import * as z from "zod";
import type { Webhooks } from "../../../webhook-endpoints/webhooks.ts";
import { endpoint } from "../endpoint.ts";
import { eventTypes, toEndpointBody, webhookEndpointBody } from "./body.ts";
import { orNotFound } from "./existing.ts";
import { address, description } from "./fields.ts";

export function updateWebhookEndpoint({ endpoints, allowLoopback }: Webhooks) {
  return endpoint({
    operationId: "updateWebhookEndpoint",
    method: "patch",
    path: "/v1/webhook-endpoints/{id}",
    scope: "webhooks",
    summary: "Change a webhook endpoint",
    description:
      "What the body does not name stays. Disabled, it gets nothing, and what is due meanwhile is given up; " +
      "enabled again, it gets what happens from then on, and the rest by replay.",
    body: z
      .strictObject({
        url: address(allowLoopback).optional(),
        description: description.optional(),
        event_types: eventTypes.optional(),
        status: z.enum(["enabled", "disabled"]).optional(),
      })
      .meta({ id: "UpdateWebhookEndpoint" }),
    example: { status: "enabled" },
    responses: { 200: { description: "The endpoint as it is now.", schema: webhookEndpointBody } },
    problems: ["not_found"],
    async handle({ id, body: { event_types: types, ...changes } }) {
      const updated = orNotFound(await endpoints.update(id, { ...changes, eventTypes: types }));
      return { status: 200, body: toEndpointBody(updated), outcome: updated.status };
    },
  });
}
