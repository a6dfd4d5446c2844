import { placeholders } from "../templates/placeholders.ts";
import { GraphError } from "./errors.ts";
import type { UtilityComponent } from "./utility-request.ts";

/** Characters at most, with the variables as they are written. Source: Meta's pages on template components. */
const MAX_LENGTHS = { HEADER: 60, BODY: 1_024, FOOTER: 60, BUTTON: 25 };

/** Subcodes by which Meta says that a part's format is wrong. */
const FORMAT = { HEADER: 2388047, BODY: 2388072, FOOTER: 2388073 };

type ParameterFormat = "POSITIONAL" | "NAMED";
type TextComponent = Exclude<UtilityComponent, { type: "BUTTONS" }>;

/**
 * Checks what Meta's rules on texts and variables say of a utility template.
 * @throws GraphError 100 with the subcode of the first fault
 */
export function checkUtilityTexts(components: UtilityComponent[], format: ParameterFormat): void {
  for (const component of components) {
    if (component.type === "BUTTONS") {
      for (const { text } of component.buttons) checkLength("BUTTON", text);
      continue;
    }
    checkLength(component.type, component.text);
    checkVariables(component, format);
    if (component.type === "BODY") checkProportions(component.text);
  }
}

function checkLength(part: keyof typeof MAX_LENGTHS, text: string): void {
  if ([...text].length <= MAX_LENGTHS[part]) return;
  throw templateError(2388040, "Character limit exceeded", `${part} has more than ${MAX_LENGTHS[part]}`);
}

function checkVariables(component: TextComponent, format: ParameterFormat): void {
  const names = placeholders(component.text);
  const fault = (message: string) =>
    templateError(FORMAT[component.type], "Message template format is incorrect", message);
  if (component.type === "FOOTER") {
    if (names.length > 0) throw fault("FOOTER has a variable");
    return;
  }
  if (component.type === "HEADER" && names.length > 1) throw fault("HEADER has more than one variable");
  if (/\{\{|\}\}/.test(component.text.replaceAll(/\{\{[^{}]+\}\}/g, ""))) {
    throw fault(`${component.type} has an unfinished variable`);
  }
  const areInOrder =
    format === "NAMED"
      ? names.every((name) => /^[a-z][a-z0-9_]*$/.test(name))
      : names.every((name, index) => name === String(index + 1));
  if (!areInOrder) throw fault(`${component.type} has variables that are not ${format}`);
  if (!haveExamples(component, names, format)) {
    throw fault(`${component.type} needs an example for each variable`);
  }
}

function haveExamples(
  component: Exclude<TextComponent, { type: "FOOTER" }>,
  names: string[],
  format: ParameterFormat,
): boolean {
  if (names.length === 0) return true;
  if (format === "POSITIONAL") {
    const row =
      component.type === "HEADER" ? component.example?.header_text : component.example?.body_text?.[0];
    return row?.length === names.length;
  }
  const named =
    component.type === "HEADER"
      ? component.example?.header_text_named_params
      : component.example?.body_text_named_params;
  return named?.length === names.length && named.every(({ param_name }) => names.includes(param_name));
}

/** A body neither begins nor ends with a variable, nor is it made of little else. */
function checkProportions(text: string): void {
  if (/^\s*\{\{|\}\}\s*$/.test(text)) {
    throw templateError(2388299, "Variables can't be at the start or end", "BODY starts or ends with one");
  }
  const variables = text.match(/\{\{[^{}]*\}\}/g)?.length ?? 0;
  const words = text.replaceAll(/\{\{[^{}]*\}\}/g, "x").split(/\s+/).length;
  // Meta does not publish the proportion. Two words per variable and one more is an unconfirmed guess.
  if (variables > 0 && words < 2 * variables + 1) {
    throw templateError(
      2388293,
      "Too many variables for its length",
      "BODY needs more words or less variables",
    );
  }
}

/** A rejected template: error 100 with a subcode and a message for its author. */
export function templateError(subcode: number, title: string, message: string): GraphError {
  return new GraphError(100, { subcode, message: "Invalid parameter", user: { title, message } });
}
