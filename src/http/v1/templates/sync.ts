import * as z from "zod";
import type { Templates } from "../../../templates/templates.ts";
import { endpoint } from "../endpoint.ts";

const change = z.object({
  template: z.string(),
  language: z.string(),
  before: z.string().nullable().meta({ description: "Its status; null for what is new." }),
  after: z.string().nullable().meta({ description: "Its status; null for what is no more." }),
});
const changes = z.array(change);

export function syncTemplates(templates: Templates) {
  return endpoint({
    operationId: "syncTemplates",
    method: "post",
    path: "/v1/templates/sync",
    scope: "templates",
    summary: "Pull templates from WhatsApp",
    description: "As happens once a day by itself.",
    responses: {
      200: {
        description: "What has changed since, language by language.",
        schema: z.object({ added: changes, changed: changes, removed: changes }),
      },
    },
    problems: ["provider_failed"],
    async handle() {
      const all = await templates.sync();
      const body = {
        added: all.filter(({ before }) => before === null),
        changed: all.filter(({ before, after }) => before !== null && after !== null),
        removed: all.filter(({ after }) => after === null),
      };
      return { status: 200, body, outcome: "synced" };
    },
  });
}
