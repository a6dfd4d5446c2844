import { Problem } from "../platform/problem.ts";
import type { AuthenticationDraft, TemplateDraft, UtilityDraft } from "./draft.ts";
import { merge } from "./entry.ts";
import { languageWith, nameOnly, type Template, type TemplateLanguage } from "./template.ts";
import type { UtilityTexts } from "./utility-rules.ts";
import type { WhatsAppTemplates } from "./whatsapp/client.ts";
import { type ListedTemplate, toSeconds, toTemplates } from "./whatsapp/listing.ts";
import { isAsWanted, saysTheSame, toTexts } from "./whatsapp/payloads.ts";

/** What became of a template in one language at WhatsApp. */
export type Written =
  | { readonly kind: "written"; readonly language: string; readonly id: string; readonly status: string }
  | { readonly kind: "refused"; readonly language: string; readonly problem: Problem };

/**
 * Creates or updates a template at WhatsApp. One that is there already and says the same is left alone, for
 * an approved one may be edited once a day. What is wrong with one language keeps no other from going on.
 */
export async function write(
  whatsApp: WhatsAppTemplates,
  name: string,
  draft: TemplateDraft,
): Promise<readonly Written[]> {
  try {
    return draft.category === "authentication"
      ? await writeAll(whatsApp, name, draft)
      : await writeEach(whatsApp, name, draft);
  } catch (error) {
    const languages = draft.category === "authentication" ? draft.languages : Object.keys(draft.languages);
    return languages.map((language) => refused(language, error));
  }
}

async function writeAll(
  whatsApp: WhatsAppTemplates,
  name: string,
  draft: AuthenticationDraft,
): Promise<readonly Written[]> {
  const listed = await whatsApp.list(name);
  const same = listed.filter((one) => draft.languages.includes(one.language) && isAsWanted(one, draft));
  const languages = draft.languages.filter((wanted) => same.every(({ language }) => language !== wanted));
  const upserted = languages.length === 0 ? [] : await whatsApp.upsert(name, { ...draft, languages });
  return [...same, ...upserted].map(({ id, language, status }) => ({
    kind: "written",
    id,
    language,
    status,
  }));
}

async function writeEach(whatsApp: WhatsAppTemplates, name: string, draft: UtilityDraft) {
  const listed = await whatsApp.list(name);
  const ttlSeconds = draft.message_send_ttl_seconds;
  const writeOne = async (language: string, texts: UtilityTexts) => {
    const there = listed.find((one) => one.language === language);
    if (there === undefined) return whatsApp.create(name, language, texts, ttlSeconds);
    if (!saysTheSame(there, texts, ttlSeconds)) await whatsApp.edit(there.id, texts, ttlSeconds);
    return { id: there.id, status: there.status };
  };
  return Promise.all(
    Object.entries(draft.languages).map(async ([language, texts]): Promise<Written> => {
      try {
        return { kind: "written", language, ...(await writeOne(language, texts)) };
      } catch (error) {
        return refused(language, error);
      }
    }),
  );
}

function refused(language: string, error: unknown): Written {
  if (!(error instanceof Problem)) throw error;
  return { kind: "refused", language, problem: error };
}

/**
 * A template as it is after this: what was written, and what WhatsApp then lists, where it does. The list has
 * the last word, but what was created a moment ago may not be on it yet.
 */
export function afterwards(
  name: string,
  draft: TemplateDraft,
  written: readonly Written[],
  listed: readonly ListedTemplate[],
): Template {
  const [there] = toTemplates(listed);
  const languages: Record<string, TemplateLanguage> = { ...there?.languages };
  for (const one of written) {
    if (one.kind === "refused") continue;
    const texts = draft.category === "utility" ? draft.languages[one.language] : undefined;
    const told = languageWith(one.status, { id: one.id, ...(texts && toTexts(texts)) });
    const now = there?.languages[one.language];
    languages[one.language] = now === undefined ? told : merge(told, now);
  }
  const { message_send_ttl_seconds: ttl } = draft;
  return {
    ...(there ?? nameOnly(name, draft.category)),
    ...(ttl !== undefined && { time_to_live_seconds: toSeconds(ttl) }),
    ...(draft.category === "authentication" && {
      add_security_recommendation: draft.add_security_recommendation,
      code_expiration_minutes: draft.code_expiration_minutes,
    }),
    languages,
  };
}
