import * as z from "zod";
import { Problem } from "../../../platform/problem.ts";
import type { Templates } from "../../../templates/templates.ts";
import { endpoint } from "../endpoint.ts";

const WARNING =
  "If it was approved, WhatsApp lets nobody use its name for 30 days. Create its successor under another.";

export function deleteTemplate(templates: Templates) {
  return endpoint({
    operationId: "deleteTemplate",
    method: "delete",
    path: "/v1/templates/{name}",
    scope: "templates",
    summary: "Delete a template",
    description: `At WhatsApp and here, in all its languages. ${WARNING}`,
    responses: {
      200: { description: "Deleted.", schema: z.object({ name: z.string(), warning: z.string() }) },
    },
    problems: ["not_found", "template_rejected", "provider_failed"],
    async handle({ name }) {
      if (!(await templates.delete(name))) throw new Problem("not_found");
      return { status: 200, body: { name, warning: WARNING }, outcome: "deleted" };
    },
  });
}
