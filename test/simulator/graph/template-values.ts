import * as z from "zod";
import { placeholders } from "../templates/placeholders.ts";
import type { TemplateValues } from "../templates/render.ts";
import { buttonsOf, type Template, type TemplateButton, textOf } from "../templates/template.ts";
import { GraphError } from "./errors.ts";

const parameter = z.looseObject({
  type: z.string(),
  text: z.string().optional(),
  payload: z.string().optional(),
  parameter_name: z.string().optional(),
});

/** One of `template.components` of a send. */
export const componentSchema = z.looseObject({
  type: z
    .string()
    .toLowerCase()
    .pipe(z.enum(["header", "body", "button"])),
  sub_type: z.string().toLowerCase().optional(),
  // A string in Meta's pages; a number in the wild, which Meta takes as well.
  index: z.union([z.string(), z.int()]).transform(String).optional(),
  parameters: z.array(parameter).default([]),
});

type Component = z.infer<typeof componentSchema>;
type Parameter = z.infer<typeof parameter>;

/**
 * Brings a send's parameters to the template's variables. The simulator knows parameters of text only.
 * @throws GraphError 132000 for a wrong number, 132012 for a wrong kind, 131008 and 132018 for a bad text
 */
export function templateValues(template: Template, components: Component[]): TemplateValues {
  return {
    header: textValues(template, "HEADER", components),
    body: textValues(template, "BODY", components),
    buttons: buttonValues(
      buttonsOf(template),
      components.filter(({ type }) => type === "button"),
    ),
  };
}

function textValues(template: Template, part: "HEADER" | "BODY", components: Component[]) {
  const where = part.toLowerCase();
  const expected = placeholders(textOf(template, part) ?? "");
  const given = components.filter(({ type }) => type === where).flatMap(({ parameters }) => parameters);
  if (given.length !== expected.length) {
    throw new GraphError(132000, {
      details: `${where}: number of params (${given.length}) does not match the expected number of params (${expected.length})`,
    });
  }
  const isNamed = template.parameter_format === "NAMED";
  const values = new Map<string, string>();
  given.forEach((one, index) => {
    const name = isNamed ? one.parameter_name : expected[index];
    if (name === undefined || !expected.includes(name) || values.has(name)) {
      throw new GraphError(132012, {
        details: `${where}: parameter_name of parameter ${index} is not valid`,
      });
    }
    if (!isNamed && one.parameter_name !== undefined) {
      throw new GraphError(132012, { details: `${where}: the template's parameters have no names` });
    }
    values.set(name, parameterValue(one, "text", where));
  });
  return values;
}

function buttonValues(buttons: TemplateButton[], components: Component[]): ReadonlyMap<number, string> {
  const values = new Map<number, string>();
  buttons.forEach((button, index) => {
    const ofButton = components.filter((component) => component.index === String(index));
    const value = buttonValue(button, index, ofButton);
    if (value !== null) values.set(index, value);
  });
  if (components.length > values.size) {
    throw new GraphError(132000, { details: "buttons: more parameters than the template's buttons take" });
  }
  return values;
}

/** The end of a URL, the payload of a quick reply; null for a button that is sent as it is. */
function buttonValue(button: TemplateButton, index: number, components: Component[]): string | null {
  const needsValue = button.type === "URL" && placeholders(button.url).length > 0;
  const [component] = components;
  const [first] = component?.parameters ?? [];
  if (!first) {
    if (!needsValue && !component) return null;
    throw new GraphError(131008, {
      details: `buttons: button at index ${index} of type ${button.type} requires a parameter`,
    });
  }
  if (components.length > 1 || component?.parameters.length !== 1) {
    throw new GraphError(132000, { details: `buttons: more than one parameter for index ${index}` });
  }
  if (component.sub_type !== button.type.toLowerCase()) {
    throw new GraphError(132012, { details: `buttons: button at index ${index} is of type ${button.type}` });
  }
  if (button.type === "QUICK_REPLY") return parameterValue(first, "payload", "buttons");
  if (needsValue) return parameterValue(first, "text", "buttons");
  throw new GraphError(132000, { details: `buttons: button at index ${index} has no variable` });
}

function parameterValue(given: Parameter, kind: "text" | "payload", where: string): string {
  if (given.type !== kind) {
    throw new GraphError(132012, {
      details: `${where}: parameter is of type ${given.type}, expected ${kind}`,
    });
  }
  const value = given[kind];
  if (value === undefined || value === "") {
    throw new GraphError(131008, { details: `${where}: parameter of type ${kind} has no ${kind}` });
  }
  if (kind === "text" && /[\n\r\t]| {5}/.test(value)) {
    throw new GraphError(132018, { details: `${where}: new lines, tabs and runs of spaces are not allowed` });
  }
  return value;
}
