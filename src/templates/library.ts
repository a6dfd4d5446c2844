import { placeholdersIn, replacePlaceholders } from "./parameters.ts";
import type { TemplateLanguage } from "./template.ts";

/** The template of Meta's library that a template is made from, and the team's names of its numbered parameters. */
export type LibrarySource = NonNullable<TemplateLanguage["library"]>;

/** A template of the library in one language, as WhatsApp lists it. */
export interface LibraryEntry {
  readonly name: string;
  readonly language: string;
  readonly category: string;
  readonly header?: string | null | undefined;
  readonly body: string;
  readonly body_params?: readonly string[] | null | undefined;
  readonly body_param_types?: readonly string[] | null | undefined;
  readonly buttons?: readonly unknown[] | null | undefined;
}

/**
 * Whether a template of the library says what ours does: as many parameters, each of which takes any text, and no
 * buttons, whose addresses only the team knows (Cloud API, "Template library").
 */
export function fits(entry: LibraryEntry, { name, parameters }: LibrarySource): boolean {
  const types = entry.body_param_types ?? [];
  return (
    entry.name === name &&
    entry.category.toUpperCase() === "UTILITY" &&
    (entry.buttons ?? []).length === 0 &&
    placeholdersIn(entry.header ?? null).length === 0 &&
    isNumbered(entry.body, parameters.length) &&
    types.length === parameters.length &&
    types.every((type) => type === "TEXT")
  );
}

/** Whether a text has the parameters 1 to `count`, in any order. */
export function isNumbered(text: string | null, count: number): boolean {
  const names = placeholdersIn(text);
  return names.length === count && names.every((name) => Number(name) >= 1 && Number(name) <= count);
}

/** The texts with the team's names in place of the numbers; unchanged where they are not those of the library. */
export function withNames(texts: TemplateLanguage, library: LibrarySource): TemplateLanguage {
  const { parameters } = library;
  if (!isNumbered(texts.body, parameters.length)) return texts;
  const nameOf = (number: string) => parameters[Number(number) - 1] ?? number;
  return Object.assign({}, texts, {
    library,
    body: texts.body && replacePlaceholders(texts.body, (number) => `{{${nameOf(number)}}}`),
    examples: Object.fromEntries(
      Object.entries(texts.examples).map(([number, example]) => [nameOf(number), example]),
    ),
  });
}
