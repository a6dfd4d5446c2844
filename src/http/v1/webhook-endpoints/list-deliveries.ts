import * as z from "zod";
import { serializeCursor } from "../../../platform/cursor.ts";
import type { Webhooks } from "../../../webhook-endpoints/webhooks.ts";
import { endpoint } from "../endpoint.ts";
import { cursorField, pageBody, pageQuery } from "../page.ts";
import { deliveryBody, toDeliveryBody } from "./body.ts";
import { orNotFound } from "./existing.ts";

export function listDeliveries({ endpoints, deliveries }: Webhooks) {
  return endpoint({
    operationId: "listWebhookDeliveries",
    method: "get",
    path: "/v1/webhook-endpoints/{id}/deliveries",
    scope: "webhooks",
    summary: "List an endpoint's deliveries",
    description: "Newest first, a page at a time, as long as the journal keeps anything.",
    query: z.strictObject({
      status: z
        .enum(["failed"])
        .optional()
        .meta({ description: "Only the dead letters: what every attempt has failed to deliver." }),
      limit: pageQuery.limit,
      after: cursorField((id) => id)
        .optional()
        .meta({ description: "The `next` of the page before." }),
    }),
    responses: { 200: { description: "A page of deliveries.", schema: pageBody(deliveryBody) } },
    problems: ["not_found"],
    async handle({ id, query: { status, limit, after } }) {
      orNotFound(await endpoints.get(id));
      const page = await deliveries.list(id, status === "failed", limit, after ?? null);
      const body = {
        data: page.deliveries.map(toDeliveryBody),
        next: page.next && serializeCursor(page.next),
      };
      return { status: 200, body, outcome: "listed" };
    },
  });
}
