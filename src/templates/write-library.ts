import { Problem } from "../platform/problem.ts";
import { fits, isNumbered, type LibraryEntry, type LibrarySource, withNames } from "./library.ts";
import { languageWith, nameOnly, type Template, type TemplateLanguage } from "./template.ts";
import type { WhatsAppTemplates } from "./whatsapp/client.ts";
import { toTemplates } from "./whatsapp/listing.ts";

/** What is of the library after a write. */
export interface LibraryWrite {
  readonly written: readonly { readonly language: string; readonly id: string; readonly status: string }[];
  /** The template in these languages, with the team's names of the parameters. */
  readonly template: Template;
}

/**
 * Creates a template from Meta's library in the languages that the account does not have it in, where the library's
 * text fits. The other languages are left out: they can be submitted for review.
 */
export async function writeFromLibrary(
  whatsApp: WhatsAppTemplates,
  name: string,
  source: LibrarySource,
  languages: readonly string[],
): Promise<LibraryWrite> {
  const listed = await whatsApp.list(name);
  const [current = nameOnly(name, "utility")] = toTemplates(listed);
  const found = await Promise.all(
    languages.map(async (language) => {
      const existing = current.languages[language];
      const texts =
        existing === undefined ? await create(whatsApp, name, source, language) : ofLibrary(existing, source);
      return texts === null ? null : ([language, texts] as const);
    }),
  );
  const made = found.filter((entry) => entry !== null);
  return {
    written: made.map(([language, { id, status }]) => ({ language, id: id ?? "", status })),
    template: Object.assign({}, current, { languages: Object.fromEntries(made) }),
  };
}

/** Null where the library has no such text, or WhatsApp refuses it: what it checks is not documented in full. */
async function create(
  whatsApp: WhatsAppTemplates,
  name: string,
  source: LibrarySource,
  language: string,
): Promise<TemplateLanguage | null> {
  try {
    const entry = await whatsApp.library(source.name, language);
    if (entry === null || !fits(entry, source)) return null;
    const { id, status } = await whatsApp.createFromLibrary(name, language, source.name);
    return withNames(languageWith(status, Object.assign({ id }, textsOf(entry))), source);
  } catch (error) {
    if (error instanceof Problem) return null;
    throw error;
  }
}

function textsOf({ header = null, body, body_params }: LibraryEntry) {
  const examples = (body_params ?? []).map((example, index) => [String(index + 1), example]);
  return { header, body, examples: Object.fromEntries(examples) };
}

/** A text with the same numbers is the library's; null for one of the team's own, which has names. */
function ofLibrary(existing: TemplateLanguage, source: LibrarySource): TemplateLanguage | null {
  return isNumbered(existing.body, source.parameters.length) ? withNames(existing, source) : null;
}
