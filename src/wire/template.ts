import * as z from "zod";
import { documented } from "../platform/documented.ts";
import { addressParameter, placeholdersIn } from "../templates/parameters.ts";
import { type Template, templateSchema } from "../templates/template.ts";

export const templateBody = documented(() =>
  templateSchema
    .extend({
      parameters: z.array(z.string()).meta({ description: "The parameters that a notification requires." }),
    })
    .meta({ id: "Template" }),
);

/** A template as answers show it, with the parameters of all its languages. */
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
