import * as z from "zod";
import { render, visibleText } from "../templates/render.ts";
import type { Template } from "../templates/template.ts";
import { GraphError } from "./errors.ts";
import type { Content } from "./send.ts";
import { componentSchema, templateValues } from "./template-values.ts";

export const templateSchema = z.looseObject({
  name: z.string().min(1),
  language: z.looseObject({ code: z.string().min(1) }),
  components: z.array(componentSchema).default([]),
});

/** Limits of a one-time code and of texts once they are filled. Source: Meta's pages on templates. */
const MAX_LENGTHS = { code: 15, header: 60, body: 1_024 };

const CATEGORY_OF_MESSAGE = {
  AUTHENTICATION: "authentication",
  UTILITY: "utility",
  MARKETING: "marketing",
} as const;

/**
 * What a template message shows.
 * @throws GraphError with the code Meta answers
 */
export function templateContent(
  { name, language, components }: z.infer<typeof templateSchema>,
  findTemplate: (name: string, language: string) => Template | undefined,
): Content {
  const template = sendableTemplate(name, language.code, findTemplate(name, language.code));
  const values = templateValues(template, components);
  const isAuthentication = template.category === "AUTHENTICATION";
  if (isAuthentication) {
    // Meta does not say that the button's code must equal the body's, so neither do we.
    for (const code of [...values.body.values(), ...values.buttons.values()]) checkCode(code);
  }
  const rendered = render(template, values);
  checkLength("header", rendered.header ?? "");
  checkLength("body", rendered.body);
  return {
    ...rendered,
    template: template.name,
    language: template.language,
    text: visibleText(rendered),
    category: CATEGORY_OF_MESSAGE[template.category],
    code: isAuthentication ? (values.body.get("1") ?? null) : null,
  };
}

function sendableTemplate(name: string, language: string, template: Template | undefined): Template {
  if (template?.status === "PAUSED") {
    throw new GraphError(132015, { details: `template ${name} in ${language} is paused` });
  }
  if (template?.status === "DISABLED") {
    throw new GraphError(132016, { details: `template ${name} in ${language} is disabled` });
  }
  // Not approved yet reads the same as not there.
  if (template?.status !== "APPROVED") {
    throw new GraphError(132001, { details: `template name (${name}) does not exist in ${language}` });
  }
  return template;
}

function checkCode(code: string): void {
  if ([...code].length > MAX_LENGTHS.code) {
    // The limit is documented, the code is not: 131009 is the nearest documented meaning.
    throw new GraphError(131009, { details: `a code has at most ${MAX_LENGTHS.code} characters` });
  }
}

function checkLength(part: "header" | "body", text: string): void {
  if ([...text].length > MAX_LENGTHS[part]) {
    throw new GraphError(132005, { details: `${part}: more than ${MAX_LENGTHS[part]} characters` });
  }
}
