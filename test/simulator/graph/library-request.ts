import * as z from "zod";
import { LIBRARY, type LibraryTemplate } from "../templates/library.ts";
import type { Template, TemplateButton, TemplateComponent } from "../templates/template.ts";
import { GraphError } from "./errors.ts";
import { validated } from "./request-body.ts";
import { DEFAULT_TTL_SECONDS, templateLanguage, templateName, word } from "./template-request.ts";

const libraryQuery = z
  .object({
    name: z.string(),
    language: z.string(),
    search: z.string(),
    topic: z.string().toUpperCase(),
    usecase: z.string().toUpperCase(),
    industry: z.string().toUpperCase(),
  })
  .partial();

/** `GET /message_template_library`, as its query asks. */
export function listLibrary(query: Record<string, string>): object {
  const { name, language, search, topic, usecase, industry } = validated(query, libraryQuery);
  const data = LIBRARY.filter(
    (template) =>
      // By substring, as in the list of an account's own templates.
      (name === undefined || template.name.includes(name)) &&
      (language === undefined || template.language === language) &&
      (topic === undefined || template.topic === topic) &&
      (usecase === undefined || template.usecase === usecase) &&
      (industry === undefined || template.industry.includes(industry)) &&
      (search === undefined || `${template.name} ${template.header} ${template.body}`.includes(search)),
  );
  return { data };
}

const buttonInput = z.object({
  type: word("URL", "PHONE_NUMBER"),
  url: z.object({ base_url: z.url(), url_suffix_example: z.url().optional() }).optional(),
  phone_number: z.string().optional(),
});

/** The button inputs are a list within a text. */
const buttonInputs = z.string().transform((text, context) => {
  try {
    return z.array(buttonInput).parse(JSON.parse(text));
  } catch {
    context.addIssue("not a list of button inputs");
    return z.NEVER;
  }
});

/** `POST /{business account}/message_templates` for a template of the library. */
const libraryCreateSchema = z.looseObject({
  name: templateName,
  language: templateLanguage,
  category: word("UTILITY"),
  library_template_name: z.string(),
  library_template_button_inputs: buttonInputs.default([]),
});

/** Whether a create call names a template of the library instead of components. */
export function isFromLibrary(json: unknown): boolean {
  return typeof json === "object" && json !== null && "library_template_name" in json;
}

/**
 * Builds a template of the library, which is approved at once.
 * @throws GraphError 100 for one that the library does not have, or whose buttons have no input
 */
export function templateFromLibrary(id: string, json: unknown): Template {
  const request = validated(json, libraryCreateSchema);
  const { name, language, library_template_name, library_template_button_inputs: inputs } = request;
  const found = LIBRARY.find(
    (template) => template.name === library_template_name && template.language === language,
  );
  if (found === undefined) {
    throw new GraphError(100, {
      message: `(#100) Library template ${library_template_name} does not exist in ${language}`,
    });
  }
  if (inputs.length !== (found.buttons ?? []).length) {
    throw new GraphError(100, {
      message: "(#100) The parameter library_template_button_inputs is required.",
    });
  }
  return {
    id,
    name,
    language,
    status: "APPROVED",
    category: "UTILITY",
    parameter_format: "POSITIONAL",
    components: componentsOf(found, inputs),
    message_send_ttl_seconds: DEFAULT_TTL_SECONDS.UTILITY,
    rejected_reason: "NONE",
    quality_score: { score: "UNKNOWN" },
    library_template_name,
  };
}

function componentsOf(template: LibraryTemplate, inputs: z.infer<typeof buttonInput>[]): TemplateComponent[] {
  const { header, body, body_params, buttons = [] } = template;
  return [
    ...(header === undefined ? [] : [{ type: "HEADER", format: "TEXT", text: header } as const]),
    { type: "BODY", text: body, example: { body_text: [body_params] } },
    ...(buttons.length === 0
      ? []
      : [
          {
            type: "BUTTONS",
            buttons: buttons.map((button, index) => withInput(button, inputs[index])),
          } as const,
        ]),
  ];
}

function withInput(button: TemplateButton, input: z.infer<typeof buttonInput> | undefined): TemplateButton {
  if (button.type === "URL") return { ...button, url: input?.url?.base_url ?? button.url };
  return button;
}
