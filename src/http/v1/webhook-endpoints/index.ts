import type { Webhooks } from "../../../webhook-endpoints/webhooks.ts";
import type { Endpoint } from "../endpoint.ts";
import { createWebhookEndpoint } from "./create.ts";
import { deleteWebhookEndpoint } from "./delete.ts";
import { getWebhookEndpoint } from "./get.ts";
import { listWebhookEndpoints } from "./list.ts";
import { listDeliveries } from "./list-deliveries.ts";
import { replayDelivery } from "./replay.ts";
import { rotateWebhookSecret } from "./rotate.ts";
import { testWebhookEndpoint } from "./test.ts";
import { updateWebhookEndpoint } from "./update.ts";

/** The calls about webhook endpoints, in the order of their documentation. */
export function webhookEndpointCalls(webhooks: Webhooks): readonly Endpoint[] {
  return [
    createWebhookEndpoint(webhooks),
    listWebhookEndpoints(webhooks),
    getWebhookEndpoint(webhooks),
    updateWebhookEndpoint(webhooks),
    deleteWebhookEndpoint(webhooks),
    rotateWebhookSecret(webhooks),
    testWebhookEndpoint(webhooks),
    listDeliveries(webhooks),
    replayDelivery(webhooks),
  ];
}
