import { parseUuid } from "../../ids/verification-id.ts";
import { documented } from "../../platform/documented.ts";
import { Problem } from "../../platform/problem.ts";
import type { Verifications } from "../../verification/verifications.ts";
import { defineEndpoint, type Handlers } from "../endpoint.ts";
import { APP_TRAFFIC } from "../v1/fields.ts";
import { vonageDialect } from "./dialect.ts";

export const cancelDefinitions = () => ({
  cancelVonageRequest: defineEndpoint({
    operationId: "cancelVonageRequest",
    dialect: vonageDialect,
    method: "delete",
    path: "/vonage/v2/verify/{request_id}",
    scope: "verifications",
    notAudited: APP_TRAFFIC,
    docs: documented(() => ({
      summary: "Cancel a request",
      description: "Its code stops working at once. A request that is over is not found.",
      responses: { 204: { description: "Canceled." } },
      problems: ["not_found"],
    })),
    params: { request_id: parseUuid },
  }),
});

export function cancelHandlers(verifications: Verifications): Handlers<typeof cancelDefinitions> {
  return {
    async cancelVonageRequest({ params: { request_id: id }, caller }) {
      const known = await verifications.get(id, caller.reach);
      if (known?.status !== "pending") throw new Problem("not_found");
      const canceled = await verifications.cancel(id, caller.reach);
      if (canceled?.status !== "canceled") throw new Problem("not_found");
      return { status: 204, outcome: "canceled", to: canceled.to };
    },
  };
}
