import * as z from "zod";
import { Problem } from "../../../platform/problem.ts";
import { templateSchema } from "../../../templates/template.ts";
import type { Templates } from "../../../templates/templates.ts";
import { endpoint } from "../endpoint.ts";
import { locale } from "../fields.ts";

const text = z.string().nullable();
const previewBody = z.object({
  template: z.string(),
  language: z.string(),
  header: text,
  body: z.string(),
  footer: text,
  buttons: templateSchema.shape.languages.valueType.shape.buttons,
});

export function previewTemplate(templates: Templates, defaultLocale: string) {
  return endpoint({
    operationId: "previewTemplate",
    method: "get",
    path: "/v1/templates/{name}/preview",
    scope: "templates",
    summary: "Preview a template",
    description:
      "As the user will see it, in the language that suits the locale best: with examples, or in WhatsApp's own words.",
    query: z.strictObject({ locale: locale.optional() }),
    responses: { 200: { description: "The text.", schema: previewBody } },
    problems: ["not_found", "template_rejected", "provider_failed"],
    async handle({ name, query }) {
      const preview = await templates.preview(name, query.locale ?? defaultLocale);
      if (preview === null)
        throw new Problem("not_found", {
          detail: "There is no such template, or its text is not known: sync.",
        });
      return { status: 200, body: preview, outcome: "read" };
    },
  });
}
