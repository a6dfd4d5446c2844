import type { FilledComponent, FilledParameter } from "../channels/whatsapp/payload.ts";
import { type Fault, pointerTo } from "../platform/problem.ts";
import type { TemplateLanguage } from "./template.ts";

/** A template parameter: `{{name}}` or `{{1}}`. */
const PLACEHOLDER = /\{\{\s*(\w+)\s*\}\}/g;

/** The distinct parameter names of a text, in order. */
export function placeholdersIn(text: string | null): readonly string[] {
  return [...new Set([...(text ?? "").matchAll(PLACEHOLDER)].map(([, name = ""]) => name))];
}

/** Replaces each placeholder. */
export function replacePlaceholders(text: string, replacement: (name: string) => string): string {
  return text.replace(PLACEHOLDER, (_, name: string) => replacement(name));
}

/** True for `{{1}}`, `{{2}}` …, whose values a send gives in order instead of by name. */
export function isPositional(name: string): boolean {
  return /^\d+$/.test(name);
}

/**
 * The parameter of a button's URL; null for a fixed URL. WhatsApp always calls it `{{1}}`, whatever the
 * body's parameters are called: it takes the value named `1` where one is given, else the body's last
 * parameter.
 */
export function addressParameter(
  url: string | undefined,
  body: readonly string[],
  given: Readonly<Record<string, string>>,
): string | null {
  const [name = null] = placeholdersIn(url ?? null);
  return name === "1" && !Object.hasOwn(given, name) ? (body.at(-1) ?? name) : name;
}

export type Filled =
  | { readonly kind: "filled"; readonly components: readonly FilledComponent[] }
  /** JSON pointers start with `/parameters`. */
  | { readonly kind: "faults"; readonly faults: readonly Fault[] };

type Parameters = Readonly<Record<string, string>>;

/** Maximum lengths in characters, parameters included (Cloud API, "Template components"). */
export const LONGEST = { header: 60, body: 1024, footer: 60, button: 25 } as const;

/** Fills a template's parameters, or lists every parameter that is missing, unknown or too long. */
export function fillTemplate(template: TemplateLanguage, parameters: Parameters): Filled {
  const header = placeholdersIn(template.header);
  const body = placeholdersIn(template.body);
  const addresses = template.buttons.map(({ url }) => addressParameter(url, body, parameters));
  const needed = new Set([...header, ...body, ...addresses.filter((name) => name !== null)]);
  const faults = [
    // WhatsApp rejects empty parameter values.
    ...[...needed]
      .filter((name) => valueFor(parameters, name) === "")
      .map((name) => fault(name, "The template needs this parameter.")),
    ...Object.keys(parameters)
      .filter((name) => !needed.has(name))
      .map((name) => fault(name, "The template has no such parameter.")),
    ...overlong("header", template.header, parameters),
    ...overlong("body", template.body, parameters),
  ];
  if (faults.length > 0) return { kind: "faults", faults };
  const filled: readonly FilledComponent[] = [
    { type: "header", parameters: parametersOf(header, parameters) },
    { type: "body", parameters: parametersOf(body, parameters, template.library?.parameters) },
    ...addresses.map((name, index) => urlButton(index, name === null ? "" : valueFor(parameters, name))),
  ];
  return { kind: "filled", components: filled.filter((component) => component.parameters.length > 0) };
}

function urlButton(index: number, text: string): FilledComponent {
  const parameters = text === "" ? [] : [{ type: "text", text } as const];
  return { type: "button", sub_type: "url", index: String(index), parameters };
}

/** @param numbered The names in the order of their numbers, where WhatsApp knows them by numbers only. */
function parametersOf(
  names: readonly string[],
  parameters: Parameters,
  numbered: readonly string[] | null = null,
): FilledParameter[] {
  const positional = numbered !== null || names.every(isPositional);
  const inOrder = numbered ?? (positional ? names.toSorted((a, b) => Number(a) - Number(b)) : names);
  return inOrder.map((name) => ({
    type: "text",
    text: valueFor(parameters, name),
    ...(positional ? {} : { parameter_name: name }),
  }));
}

function overlong(part: "header" | "body", text: string | null, parameters: Parameters): Fault[] {
  const { length } = replacePlaceholders(text ?? "", (name) => valueFor(parameters, name));
  if (length <= LONGEST[part]) return [];
  const [longest = ""] = placeholdersIn(text).toSorted(
    (a, b) => valueFor(parameters, b).length - valueFor(parameters, a).length,
  );
  const detail = `With it the ${part} has ${length} characters; WhatsApp takes ${LONGEST[part]}.`;
  return [fault(longest, detail)];
}

function valueFor(parameters: Parameters, name: string): string {
  return Object.hasOwn(parameters, name) ? (parameters[name] ?? "") : "";
}

function fault(name: string, detail: string): Fault {
  return { pointer: pointerTo(["parameters", name]), detail };
}
