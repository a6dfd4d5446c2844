import * as z from "zod";
import { localeOfCountry } from "../../numbering/locale.ts";
import { toWhatsAppLanguage } from "../../templates/draft.ts";
import { STARTER_NAMES, starter } from "../../templates/starter-set/starter-set.ts";
import { callDeployment, problemOf } from "./answers.ts";
import { type Done, done, learned, type Setup, type Step, type Stop, stop, TODO } from "./step.ts";

const rows = z.object({
  data: z.array(
    z.object({
      template: z.string(),
      language: z.string(),
      asked: z.boolean(),
      status: z.string().nullable(),
      waiting: z.boolean().default(false),
      detail: z.string().nullable(),
    }),
  ),
});

const known = z.object({
  data: z.array(z.object({ name: z.string(), languages: z.record(z.string(), z.unknown()) })),
  next: z.string().nullable(),
});

/** Step 11: the starter set of templates, made by the deployment. */
export const templates: Step = {
  id: "templates",
  title: "Templates",
  async isDone(setup) {
    const answer = await callDeployment(setup, "GET", "/v1/templates?limit=100");
    const found = known.safeParse(answer?.body);
    if (answer?.status !== 200 || !found.success) return TODO;
    const isMade = STARTER_NAMES.filter((name) => isExpected(setup, name)).every((name) => {
      const made = found.data.data.find((template) => template.name === name);
      return textsOf(setup, name).every((language) => made?.languages[language] !== undefined);
    });
    return isMade ? done(`the starter set exists in ${languagesOf(setup).join(", ")}`) : TODO;
  },
  async do(setup) {
    const languages = languagesOf(setup);
    const counts = new Map<string, number>();
    let refused: string | null = null;
    // One call per template, so that no call is long.
    for (const name of STARTER_NAMES) {
      const answer = await callDeployment(setup, "POST", "/v1/templates/setup", {
        languages,
        templates: [name],
      });
      const made = rows.safeParse(answer?.body);
      if (answer?.status !== 200 || !made.success) {
        return stop(`The templates were not made. ${problemOf(answer)}`);
      }
      for (const { asked, status, waiting, detail } of made.data.data) {
        if (!asked) continue;
        const word = status?.toLowerCase() ?? (waiting ? "waiting" : "refused");
        counts.set(word, (counts.get(word) ?? 0) + 1);
        refused ??= word === "refused" ? detail : null;
      }
    }
    const summary = [...counts].map(([word, count]) => `${count} ${word}`).join(", ");
    const notes = [
      ...(refused === null ? [] : [{ text: `A template was refused: ${refused}` }]),
      ...(counts.has("waiting") ? [{ text: "Sandi creates those that wait once Meta allows it." }] : []),
    ];
    return { ...done(`${summary}, in ${languages.join(", ")}`), isPartial: notes.length > 0, notes };
  },
};

/** Meta refuses authentication templates to accounts that are not eligible. */
function isExpected(setup: Setup, name: string): boolean {
  const isUtility = starter(name, ["en_US"]).draft?.category === "utility";
  return isUtility || learned(setup, "outlook").kind === "ready";
}

function textsOf(setup: Setup, name: string): readonly string[] {
  const { missingLanguages } = starter(name, languagesOf(setup));
  return languagesOf(setup).filter((language) => !missingLanguages.includes(language));
}

/** By default that of the account's country, and English. */
function languagesOf(setup: Setup): readonly string[] {
  if (setup.options.languages !== null) return setup.options.languages;
  const locale = localeOfCountry(learned(setup, "account").country);
  const own = locale === null ? null : toWhatsAppLanguage(locale);
  return [...new Set([...(own?.kind === "known" ? [own.code] : []), "en_US"])];
}

/** The name of the key that setup makes, by which a later run finds it. */
const KEY_NAME = "first app";

const keys = z.object({ data: z.array(z.object({ name: z.string() })), next: z.string().nullable() });
const created = z.object({ key: z.string() });

/** Step 12: an API key for the first backend. */
export const key: Step = {
  id: "key",
  title: "API key",
  async isDone(setup): Promise<Done | Stop | typeof TODO> {
    let after = "";
    for (;;) {
      const answer = await callDeployment(setup, "GET", `/v1/keys?limit=100${after}`);
      const page = keys.safeParse(answer?.body);
      if (answer?.status !== 200 || !page.success)
        return stop(`The keys could not be listed. ${problemOf(answer)}`);
      if (page.data.data.some(({ name }) => name === KEY_NAME)) {
        return done(`"${KEY_NAME}" exists; the run that made it has shown it`);
      }
      if (page.data.next === null) return TODO;
      after = `&after=${encodeURIComponent(page.data.next)}`;
    }
  },
  async do(setup) {
    const body = { name: KEY_NAME, scopes: ["verifications"] };
    const answer = await callDeployment(setup, "POST", "/v1/keys", body);
    const made = created.safeParse(answer?.body);
    if (answer?.status !== 201 || !made.success) return stop(`The key was not made. ${problemOf(answer)}`);
    const note = "For your backend: it may start and check verifications, and nothing else.";
    setup.print({ kind: "once", label: "API key", value: made.data.key, note });
    return done(`made "${KEY_NAME}" with the scope verifications`);
  },
};
