import { chooseLanguage } from "../../numbering/locale.ts";
import { Problem } from "../../platform/problem.ts";
import { type TemplateDraft, utilityDraft } from "../draft.ts";
import { DEFAULT_TEMPLATE } from "../template.ts";
import type { Templates } from "../templates.ts";
import { isNotEligible } from "../whatsapp/graph.ts";
import type { Written } from "../write.ts";
import { WORDINGS } from "./wordings.ts";

/**
 * Authentication templates. All purposes use the first until a policy names another; a purpose with its own
 * template is unaffected by the quality rating, or a pause, of the others.
 */
const CODES = [DEFAULT_TEMPLATE.name, "login_code", "signup_code", "recovery_code", "transaction_code"];

/** The names of the starter set, the most needed first. */
export const STARTER_NAMES: readonly string[] = [...CODES, ...Object.keys(WORDINGS)];

/** A starter template's draft, and the languages that have no text. */
export interface Starter {
  /** Null when no language has a text. */
  readonly draft: TemplateDraft | null;
  readonly missingLanguages: readonly string[];
}

/** @param languages WhatsApp's language codes */
export function starter(name: string, languages: readonly string[]): Starter {
  const wording = WORDINGS[name];
  // WhatsApp supplies the text of authentication templates.
  if (wording === undefined) return { draft: codes([...languages]), missingLanguages: [] };
  const withTexts = languages.flatMap((language) => {
    const nearest = chooseLanguage(language, Object.keys(wording.bodies));
    const body = nearest === null ? undefined : wording.bodies[nearest];
    return body === undefined ? [] : [[language, { body, examples: wording.examples }] as const];
  });
  const draft =
    withTexts.length === 0
      ? null
      : utilityDraft.parse({ category: "utility", languages: Object.fromEntries(withTexts) });
  const known = new Set(withTexts.map(([language]) => language));
  return { draft, missingLanguages: languages.filter((language) => !known.has(language)) };
}

/** The same options as the default template. */
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

/** One row of the result: a template in one language. */
export interface SetUpRow {
  readonly template: string;
  readonly language: string;
  /** False when there is no text in this language to submit. */
  readonly asked: boolean;
  /** WhatsApp's status; null when it rejected the template or was not asked. */
  readonly status: string | null;
  /** Meta does not allow it yet; it is created once Meta does. */
  readonly waiting: boolean;
  /** The reason for a null status. */
  readonly detail: string | null;
}

/** Creates templates of the starter set. Repeating it changes nothing: existing templates stay. */
export async function setUp(
  templates: Templates,
  names: readonly string[],
  languages: readonly string[],
): Promise<readonly SetUpRow[]> {
  const rows: SetUpRow[] = [];
  // Sequential, because WhatsApp limits creations to a hundred an hour and the first names matter most.
  for (const name of names) rows.push(...(await setUpTemplate(templates, name, languages)));
  return rows;
}

async function setUpTemplate(
  templates: Templates,
  name: string,
  languages: readonly string[],
): Promise<SetUpRow[]> {
  const ofLibrary = await fromLibrary(templates, name, languages);
  const { draft, missingLanguages } = starter(
    name,
    languages.filter((language) => ofLibrary.every((result) => result.language !== language)),
  );
  const reviewed = draft === null ? [] : await templates.put(name, draft);
  const rows = [...ofLibrary, ...reviewed].map((result) => toRow(name, result));
  const waiting = rows.filter((row) => row.waiting).map(({ language }) => language);
  if (waiting.length > 0) await templates.recordWaiting(name, waiting);
  return [
    ...rows,
    ...missingLanguages.map((language) => ({
      template: name,
      language,
      asked: false,
      status: null,
      waiting: false,
      detail: `The starter set has no text in this language. Provide one with PUT /v1/templates/${name}`,
    })),
  ];
}

/** The library's texts are approved at once. Without an answer of WhatsApp, what is submitted for review says why. */
async function fromLibrary(
  templates: Templates,
  name: string,
  languages: readonly string[],
): Promise<readonly Written[]> {
  const library = WORDINGS[name]?.library;
  if (library === undefined) return [];
  try {
    return await templates.putFromLibrary(name, library, languages);
  } catch (error) {
    if (error instanceof Problem) return [];
    throw error;
  }
}

function toRow(template: string, result: Written): SetUpRow {
  const row = { template, language: result.language, asked: true };
  if (result.kind === "written") {
    return Object.assign(row, { status: result.status, waiting: false, detail: null });
  }
  const { detail = null } = result.problem.extras;
  if (!isNotEligible(result.problem)) return Object.assign(row, { status: null, waiting: false, detail });
  const promise = "Waiting: Sandi creates the template once Meta allows it.";
  return Object.assign(row, { status: null, waiting: true, detail: `${promise} ${detail ?? ""}`.trim() });
}
