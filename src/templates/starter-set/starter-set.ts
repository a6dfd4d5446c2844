import { chooseLanguage } from "../../numbering/locale.ts";
import { type TemplateDraft, utilityDraft } from "../draft.ts";
import { DEFAULT_TEMPLATE } from "../template.ts";
import type { Templates } from "../templates.ts";
import { WORDINGS } from "./wordings.ts";

/**
 * The templates that carry codes. All purposes use the first one until a policy names another; a template of
 * its own keeps the quality rating, and a pause, of one purpose from the others.
 */
const CODES = [DEFAULT_TEMPLATE.name, "login_code", "signup_code", "recovery_code", "transaction_code"];

/** The names of the starter set, the one that everybody needs first. */
export const STARTER_NAMES: readonly string[] = [...CODES, ...Object.keys(WORDINGS)];

/** A template of the set as far as there are words for it, and the languages that there are none for. */
export interface Starter {
  /** Null where there is not one language. */
  readonly draft: TemplateDraft | null;
  readonly wordless: readonly string[];
}

/** @param languages as WhatsApp spells them */
export function starter(name: string, languages: readonly string[]): Starter {
  const wording = WORDINGS[name];
  // WhatsApp itself has the words for codes.
  if (wording === undefined) return { draft: codes([...languages]), wordless: [] };
  const worded = languages.flatMap((language) => {
    const nearest = chooseLanguage(language, Object.keys(wording.bodies));
    const body = nearest === null ? undefined : wording.bodies[nearest];
    return body === undefined ? [] : [[language, { body, examples: wording.examples }] as const];
  });
  const draft =
    worded.length === 0
      ? null
      : utilityDraft.parse({ category: "utility", languages: Object.fromEntries(worded) });
  const known = new Set(worded.map(([language]) => language));
  return { draft, wordless: languages.filter((language) => !known.has(language)) };
}

/** As the default template is taken to be. */
function codes(languages: string[]): TemplateDraft {
  return {
    category: "authentication",
    languages,
    button: "copy_code",
    supported_apps: [],
    code_expiration_minutes: 5,
    add_security_recommendation: true,
    message_send_ttl_seconds: 300,
    zero_tap_terms_accepted: false,
  };
}

/** One line of the table that setting up ends in. */
export interface SetUpRow {
  readonly template: string;
  readonly language: string;
  /** False where there are no words to ask with. */
  readonly asked: boolean;
  /** WhatsApp's word; null where it did not take the template, or was not asked. */
  readonly status: string | null;
  /** Why not. */
  readonly detail: string | null;
}

/** Creates templates of the starter set. Harmless to repeat: what is there already stays. */
export async function setUp(
  templates: Templates,
  names: readonly string[],
  languages: readonly string[],
): Promise<readonly SetUpRow[]> {
  const rows: SetUpRow[] = [];
  // One after the other: WhatsApp takes a hundred creations an hour, and the first ones matter most.
  for (const name of names) rows.push(...(await setUpOne(templates, name, languages)));
  return rows;
}

async function setUpOne(
  templates: Templates,
  name: string,
  languages: readonly string[],
): Promise<SetUpRow[]> {
  const { draft, wordless } = starter(name, languages);
  const written = draft === null ? [] : await templates.put(name, draft);
  return [
    ...written.map((one) => ({
      template: name,
      language: one.language,
      asked: true,
      ...(one.kind === "refused"
        ? { status: null, detail: one.problem.extras.detail ?? null }
        : { status: one.status, detail: null }),
    })),
    ...wordless.map((language) => ({
      template: name,
      language,
      asked: false,
      status: null,
      detail: `There are no words for it in this language yet. Bring your own: PUT /v1/templates/${name}`,
    })),
  ];
}
