import { Buffer } from "node:buffer";
import * as z from "zod";
import type { DeliveryCursor } from "../../../webhook-endpoints/delivery-log.ts";
import type { Webhooks } from "../../../webhook-endpoints/webhooks.ts";
import { endpoint } from "../endpoint.ts";
import { pageBody, pageQuery } from "../page.ts";
import { deliveryBody, toDeliveryBody } from "./body.ts";
import { orNotFound } from "./existing.ts";

const cursor = pageQuery.after.unwrap().transform((text, context): DeliveryCursor => {
  const [, createdAt, id] = /^(\d{1,15})\.(\w+)$/.exec(Buffer.from(text, "base64url").toString()) ?? [];
  if (createdAt !== undefined && id !== undefined) return { createdAt: Number(createdAt), id };
  context.issues.push({ code: "custom", input: text, message: "Give the `next` of the page before." });
  return z.NEVER;
});

function toCursor({ createdAt, id }: DeliveryCursor): string {
  return Buffer.from(`${createdAt}.${id}`).toString("base64url");
}

export function listDeliveries({ endpoints, deliveryLog }: Webhooks) {
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
      after: cursor.optional().meta({ description: "The `next` of the page before." }),
    }),
    responses: { 200: { description: "A page of deliveries.", schema: pageBody(deliveryBody) } },
    problems: ["not_found"],
    async handle({ id, query: { status, limit, after } }) {
      orNotFound(await endpoints.get(id));
      const page = await deliveryLog.list(id, status === "failed", limit, after ?? null);
      const body = { data: page.deliveries.map(toDeliveryBody), next: page.next && toCursor(page.next) };
      return { status: 200, body, outcome: "listed" };
    },
  });
}
