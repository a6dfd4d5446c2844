import { languageWith, nameOnly, type Template, type TemplateLanguage } from "./template.ts";
import { asWhatsAppKeeps } from "./whatsapp/payloads.ts";
import type { TemplateNews } from "./whatsapp/template-webhooks.ts";

/** A template as its writer keeps it. */
export interface Entry {
  readonly template: Template;
  /** What webhooks have said last of a status (`status/en_US`), of a quality, or of the category. */
  readonly heard: Readonly<Record<string, Heard>>;
}

/** In milliseconds since the epoch. */
interface Heard {
  /** By WhatsApp's clock. News comes late, twice and out of order. */
  readonly saidAt: number;
  /** By ours. News may overtake the answer to the call that it is the effect of. */
  readonly heardAt: number;
}

/** What differs between two states of a template in one language; null where it was not, or is no more. */
export interface TemplateChange {
  readonly template: string;
  readonly language: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** Statuses of a language that is no more. */
const GONE = ["DELETED", "PENDING_DELETION"];

/**
 * Takes in what a webhook says. Repeats and any order give the same result. Answers the entry as it was where
 * the news is old, and where it is not enough to begin with.
 */
export function applyWebhook(entry: Entry | null, news: TemplateNews, now: number): Entry | null {
  const { language, id, at, what } = news;
  const key = what.kind === "category" ? what.kind : `${what.kind}/${language}`;
  if ((entry?.heard[key]?.saidAt ?? 0) > at) return entry;
  const template = entry?.template ?? beginning(news);
  if (template === null) return entry;
  const heard = { ...entry?.heard, [key]: { saidAt: at, heardAt: now } };
  const known = template.languages[language];
  const saying = (more: Partial<TemplateLanguage>): Entry => {
    const said = { ...(known ?? languageWith("PENDING", { id })), ...more };
    return { template: { ...template, languages: { ...template.languages, [language]: said } }, heard };
  };
  switch (what.kind) {
    case "category":
      return { template: { ...template, category: what.category }, heard };
    case "quality":
      return known === undefined ? entry : saying({ quality: what.quality });
    case "status":
      if (!GONE.includes(what.status)) return saying({ status: what.status, rejected_reason: what.reason });
      return { template: { ...template, languages: without(language, template.languages) }, heard };
  }
}

/** A status brings all that a template needs to be known by; its texts come with the next sync. */
function beginning({ name, what }: TemplateNews): Template | null {
  return what.kind === "status" && what.category !== null ? nameOnly(name, what.category) : null;
}

/**
 * Takes over what WhatsApp has answered. What a webhook has said since the question was put stands.
 *
 * @param askedAt when the question was put, in milliseconds since the epoch
 * @param complete whether languages that the answer does not name are no more
 */
export function adopt(entry: Entry | null, answer: Template, askedAt: number, complete: boolean): Entry {
  const heard = { ...entry?.heard };
  const isNews = (key: string) => (heard[key]?.heardAt ?? 0) <= askedAt;
  const before = entry?.template.languages ?? {};
  const languages: Record<string, TemplateLanguage> = complete ? {} : { ...before };
  for (const [language, known] of Object.entries(before)) {
    if (!complete || answer.languages[language] !== undefined) continue;
    const key = `status/${language}`;
    if (!isNews(key)) languages[language] = known;
    // An approval of old that comes late would bring it back.
    else heard[key] = { saidAt: askedAt, heardAt: askedAt };
  }
  for (const [language, told] of Object.entries(answer.languages)) {
    const known = before[language];
    const isNewsOf = (what: "status" | "quality") => isNews(`${what}/${language}`);
    languages[language] = known === undefined ? told : merge(known, told, isNewsOf);
  }
  const category = entry === null || isNews("category") ? answer.category : entry.template.category;
  return { template: { ...answer, category, languages }, heard };
}

/** What WhatsApp tells of a language, with what it does not know and is known already. */
export function merge(
  known: TemplateLanguage,
  told: TemplateLanguage,
  isNews: (what: "status" | "quality") => boolean = () => true,
): TemplateLanguage {
  return {
    ...told,
    quality: (isNews("quality") ? told.quality : null) ?? known.quality,
    ...(!isNews("status") && { status: known.status, rejected_reason: known.rejected_reason }),
    // WhatsApp has forgotten what a team calls the parameter of an address.
    buttons: told.buttons.map((button, index) => {
      const url = known.buttons[index]?.url;
      return url !== undefined && asWhatsAppKeeps(url) === button.url ? { ...button, url } : button;
    }),
  };
}

/** What has changed from one state to another, language by language. What was not known before is no change. */
export function changesBetween(before: Template | null, after: Template): readonly TemplateChange[] {
  const [old, now] = [before?.languages ?? {}, after.languages];
  return [...new Set([...Object.keys(old), ...Object.keys(now)])]
    .filter((language) => differs(old[language], now[language]))
    .map((language) => ({
      template: after.name,
      language,
      before: old[language]?.status ?? null,
      after: now[language]?.status ?? null,
    }));
}

function differs(old: TemplateLanguage | undefined, now: TemplateLanguage | undefined): boolean {
  if (old === undefined || now === undefined) return old !== now;
  const texts = ({ header, body, footer, buttons }: TemplateLanguage) =>
    JSON.stringify([header, body, footer, buttons]);
  return (
    old.status !== now.status ||
    (old.quality !== null && old.quality !== now.quality) ||
    (old.body !== null && texts(old) !== texts(now))
  );
}

function without(language: string, languages: Template["languages"]): Template["languages"] {
  return Object.fromEntries(Object.entries(languages).filter(([other]) => other !== language));
}
