import * as z from "zod";
import type { Templates } from "../../../templates/templates.ts";
import { endpoint } from "../endpoint.ts";
import { pageBody, pageQuery } from "../page.ts";
import { templateBody, toTemplateBody } from "./body.ts";

export function listTemplates(templates: Templates) {
  return endpoint({
    operationId: "listTemplates",
    method: "get",
    path: "/v1/templates",
    scope: "templates",
    summary: "List templates",
    description: "By name, as far as the last sync and webhooks have told.",
    query: z.strictObject(pageQuery),
    responses: { 200: { description: "A page of templates.", schema: pageBody(templateBody) } },
    problems: [],
    async handle({ query: { limit, after } }) {
      const found = await templates.list(limit + 1, after ?? null);
      const page = found.slice(0, limit);
      const next = found.length > limit ? (page.at(-1)?.name ?? null) : null;
      return { status: 200, body: { data: page.map(toTemplateBody), next }, outcome: "listed" };
    },
  });
}
