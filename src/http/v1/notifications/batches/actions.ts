import type { Batches } from "../../../../notifications/batches/batches.ts";
import { Problem } from "../../../../platform/problem.ts";
import { endpoint } from "../../endpoint.ts";
import { batchBody, toBatchBody } from "./body.ts";
import { parseIdOr404 } from "./id.ts";

const VERBS = {
  pause: ["Hold a batch", "What is on its way goes out; the rest waits, for seven days at most."],
  resume: ["Go on with a batch", "A batch that was not paused stays as it is."],
  cancel: ["End a batch", "What is on its way goes out, and nothing else. A finished batch stays as it is."],
} as const;

/** Pause, resume and cancel, which differ in their names only. */
export function steerBatch(verb: keyof typeof VERBS, batches: Batches) {
  const [summary, description] = VERBS[verb];
  return endpoint({
    operationId: `${verb}NotificationBatch`,
    method: "post",
    path: `/v1/notifications/batches/{id}/${verb}`,
    scope: "notifications",
    summary,
    description,
    responses: { 200: { description: "The batch as it is now.", schema: batchBody } },
    problems: ["not_found"],
    async handle(call) {
      const id = parseIdOr404(call.id);
      const batch = await batches[verb](id);
      if (batch === null) throw new Problem("not_found");
      return { status: 200, body: toBatchBody(id, batch), outcome: batch.status };
    },
  });
}
