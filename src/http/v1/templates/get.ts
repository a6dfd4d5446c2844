import { Problem } from "../../../platform/problem.ts";
import type { Templates } from "../../../templates/templates.ts";
import { endpoint } from "../endpoint.ts";
import { templateBody, toTemplateBody } from "./body.ts";

export function getTemplate(templates: Templates) {
  return endpoint({
    operationId: "getTemplate",
    method: "get",
    path: "/v1/templates/{name}",
    scope: "templates",
    summary: "Read a template",
    description: "In all its languages. Only those that are APPROVED are sent.",
    responses: { 200: { description: "The template.", schema: templateBody } },
    problems: ["not_found"],
    async handle({ name }) {
      const template = await templates.get(name);
      if (template === null) throw new Problem("not_found");
      return { status: 200, body: toTemplateBody(template), outcome: "read" };
    },
  });
}
