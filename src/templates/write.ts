import { Problem } from "../platform/problem.ts";
import type { AuthenticationDraft, TemplateDraft, UtilityDraft } from "./draft.ts";
import { merge } from "./entry.ts";
import { languageWith, nameOnly, type Template, type TemplateLanguage } from "./template.ts";
import type { UtilityTexts } from "./utility-rules.ts";
import type { WhatsAppTemplates } from "./whatsapp/client.ts";
import { type ListedTemplate, toSeconds, toTemplates } from "./whatsapp/listing.ts";
import { hasSameTexts, matchesDraft, textsFromDraft } from "./whatsapp/payloads.ts";

/** The result of writing one language of a template. */
export type Written =
  | { readonly kind: "written"; readonly language: string; readonly id: string; readonly status: string }
  | { readonly kind: "refused"; readonly language: string; readonly problem: Problem };

/**
 * Creates or updates a template at WhatsApp. A language whose content is unchanged is skipped, because an
 * approved template may be edited once a day. A failure in one language does not stop the others.
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
  const same = listed.filter(
    (template) => draft.languages.includes(template.language) && matchesDraft(template, draft),
  );
  const languages = draft.languages.filter((requested) =>
    same.every(({ language }) => language !== requested),
  );
  const written = (template: Pick<ListedTemplate, "id" | "language" | "status">): Written => ({
    kind: "written",
    id: template.id,
    language: template.language,
    status: template.status,
  });
  if (languages.length === 0) return same.map(written);
  try {
    return [...same, ...(await whatsApp.upsert(name, { ...draft, languages }))].map(written);
  } catch (error) {
    return [...same.map(written), ...languages.map((language) => refused(language, error))];
  }
}

async function writeEach(whatsApp: WhatsAppTemplates, name: string, draft: UtilityDraft) {
  const listed = await whatsApp.list(name);
  const ttlSeconds = draft.message_send_ttl_seconds;
  const writeLanguage = async (language: string, texts: UtilityTexts) => {
    const existing = listed.find((template) => template.language === language);
    if (existing === undefined) return whatsApp.create(name, language, texts, ttlSeconds);
    if (!hasSameTexts(existing, texts, ttlSeconds)) await whatsApp.edit(existing.id, texts, ttlSeconds);
    return { id: existing.id, status: existing.status };
  };
  return Promise.all(
    Object.entries(draft.languages).map(async ([language, texts]): Promise<Written> => {
      try {
        return { kind: "written", language, ...(await writeLanguage(language, texts)) };
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
 * The template's state after a write: what was written, overridden by what WhatsApp lists. New languages may
 * not be listed yet.
 */
export function templateAfterWrite(
  name: string,
  draft: TemplateDraft,
  written: readonly Written[],
  listed: readonly ListedTemplate[],
): Template {
  const [current] = toTemplates(listed);
  const languages: Record<string, TemplateLanguage> = { ...current?.languages };
  for (const result of written) {
    if (result.kind === "refused") continue;
    const texts = draft.category === "utility" ? draft.languages[result.language] : undefined;
    const afterCreate = languageWith(result.status, {
      id: result.id,
      ...(texts === undefined ? {} : textsFromDraft(texts)),
    });
    const listedNow = current?.languages[result.language];
    languages[result.language] = listedNow === undefined ? afterCreate : merge(afterCreate, listedNow);
  }
  const { message_send_ttl_seconds: ttl } = draft;
  return {
    ...(current ?? nameOnly(name, draft.category)),
    ...(ttl === undefined ? {} : { time_to_live_seconds: toSeconds(ttl) }),
    ...(draft.category === "authentication"
      ? {
          add_security_recommendation: draft.add_security_recommendation,
          code_expiration_minutes: draft.code_expiration_minutes,
        }
      : {}),
    languages,
  };
}
