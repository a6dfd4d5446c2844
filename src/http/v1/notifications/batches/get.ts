import type { Batches } from "../../../../notifications/batches/batches.ts";
import { Problem } from "../../../../platform/problem.ts";
import { endpoint } from "../../endpoint.ts";
import { batchBody, toBatchBody } from "./body.ts";
import { parseIdOr404 } from "./id.ts";

export function getBatch(batches: Batches) {
  return endpoint({
    operationId: "getNotificationBatch",
    method: "get",
    path: "/v1/notifications/batches/{id}",
    scope: "notifications",
    summary: "Read a batch's progress",
    description: "Until seven days after it has finished.",
    responses: { 200: { description: "The batch.", schema: batchBody } },
    problems: ["not_found"],
    async handle(call) {
      const id = parseIdOr404(call.id);
      const batch = await batches.get(id);
      if (batch === null) throw new Problem("not_found");
      return { status: 200, body: toBatchBody(id, batch), outcome: batch.status };
    },
  });
}
