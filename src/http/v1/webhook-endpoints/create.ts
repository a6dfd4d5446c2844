import * as z from "zod";
import { Problem } from "../../../platform/problem.ts";
import { MAX_ENDPOINTS } from "../../../webhook-endpoints/endpoints.ts";
import type { Webhooks } from "../../../webhook-endpoints/webhooks.ts";
import { endpoint } from "../endpoint.ts";
import { endpointWithSecretBody, eventTypes, toEndpointBody } from "./body.ts";
import { address, description } from "./fields.ts";

export function createWebhookEndpoint({ endpoints, allowLoopback }: Webhooks) {
  return endpoint({
    operationId: "createWebhookEndpoint",
    method: "post",
    path: "/v1/webhook-endpoints",
    scope: "webhooks",
    summary: "Register a webhook endpoint",
    description:
      "From then on it gets events by POST, as `{ type, timestamp, data }`, signed by Standard Webhooks with the " +
      "secret in this answer, which can never be read again. It has 15 seconds to answer 2xx; redirects are not " +
      "followed. An event may come twice and out of order: its `webhook-id` stays the same. Until every isolate " +
      "knows of a new endpoint, five minutes may pass.",
    body: z
      .strictObject({
        url: address(allowLoopback),
        description: description.default(""),
        event_types: eventTypes.default(null),
      })
      .meta({ id: "CreateWebhookEndpoint" }),
    example: { url: "https://shop.example.com/hooks/sandi", event_types: ["verification.approved"] },
    responses: { 201: { description: "Registered.", schema: endpointWithSecretBody } },
    problems: [],
    async handle({ body }) {
      const created = await endpoints.create(body.url, body.description, body.event_types);
      if (created === null) {
        const detail = `There are ${MAX_ENDPOINTS} endpoints already, which is the limit. Delete one first.`;
        throw new Problem("invalid_request", { detail, errors: [{ pointer: "", detail }] });
      }
      const shown = { ...toEndpointBody(created.endpoint), secret: created.secret };
      return { status: 201, body: shown, outcome: "created" };
    },
  });
}
