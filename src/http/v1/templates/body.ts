import * as z from "zod";
import { Problem } from "../../../platform/problem.ts";
import { addressParameter, placeholdersIn } from "../../../templates/parameters.ts";
import { TEMPLATE_NAME, type Template, templateSchema } from "../../../templates/template.ts";

export const templateBody = templateSchema
  .extend({ parameters: z.array(z.string()).meta({ description: "What a notification has to bring." }) })
  .meta({ id: "Template" });

/** Spells a template for the wire. */
export function toTemplateBody(template: Template): z.input<typeof templateBody> {
  const parameters =
    template.category === "authentication"
      ? []
      : Object.values(template.languages).flatMap(({ header, body, buttons }) => {
          const inBody = placeholdersIn(body);
          const inAddresses = buttons.map(({ url }) => addressParameter(url, inBody, {}));
          return [...placeholdersIn(header), ...inBody, ...inAddresses.filter((name) => name !== null)];
        });
  return { ...template, parameters: [...new Set(parameters)] };
}

/** A name that a template can have, or the problem that says what is wrong with it. */
export function checkedName(name: string): string {
  if (TEMPLATE_NAME.test(name)) return name;
  const detail = "A template's name takes 1 to 500 lower-case letters, digits and underscores.";
  throw new Problem("invalid_request", { detail, errors: [{ pointer: "/name", detail }] });
}
