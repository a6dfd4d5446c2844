import * as z from "zod";
import { languageList } from "../../../templates/draft.ts";
import { STARTER_NAMES, setUp } from "../../../templates/starter-set/starter-set.ts";
import type { Templates } from "../../../templates/templates.ts";
import { endpoint } from "../endpoint.ts";

const row = z.object({
  template: z.string(),
  language: z.string(),
  asked: z.boolean().meta({ description: "False where there are no words for it in the language." }),
  status: z.string().nullable(),
  detail: z.string().nullable(),
});

export function setUpTemplates(templates: Templates) {
  return endpoint({
    operationId: "setUpTemplates",
    method: "post",
    path: "/v1/templates/setup",
    scope: "templates",
    summary: "Create the starter set",
    description: `Templates for codes and for what else a business has to say: ${STARTER_NAMES.join(", ")}. Harmless to repeat.`,
    body: z
      .strictObject({
        languages: languageList,
        templates: z
          .array(z.enum(STARTER_NAMES as [string, ...string[]]))
          .min(1)
          .default([...STARTER_NAMES])
          .meta({ description: "Only these." }),
      })
      .meta({ id: "SetUpTemplates" }),
    example: { languages: ["en_US", "id", "pt_BR"] },
    responses: {
      200: {
        description: "What WhatsApp said of each; a `status` of null comes with the reason.",
        schema: z.object({
          data: z.array(row),
        }),
      },
    },
    problems: [],
    async handle({ body }) {
      const data = await setUp(templates, body.templates, body.languages);
      return { status: 200, body: { data }, outcome: "set up" };
    },
  });
}
