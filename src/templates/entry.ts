import { MINUTE_MS } from "../platform/time.ts";
import { withNames } from "./library.ts";
import { languageWith, nameOnly, type Template, type TemplateLanguage } from "./template.ts";
import { withUrlPlaceholder } from "./whatsapp/payloads.ts";
import type { TemplateUpdate } from "./whatsapp/template-webhooks.ts";

/** A template as the registry stores it. */
export interface Entry {
  readonly template: Template;
  /**
   * The latest webhook applied by subject: a status (`status/en_US`), a quality (`quality/en_US`), or the
   * category.
   */
  readonly lastUpdates: Readonly<Record<string, LastUpdate>>;
  /** When WhatsApp was last asked for all languages, in milliseconds since the epoch; absent before the first time. */
  readonly listedAt?: number;
}

/** In milliseconds since the epoch. */
interface LastUpdate {
  /** WhatsApp's time of the webhook. Webhooks arrive late, repeatedly and out of order. */
  readonly sentAt: number;
  /** Our time of arrival. A webhook may arrive before the answer to the call that caused it. */
  readonly receivedAt: number;
}

/**
 * A change of a template in one language. `before` and `after` are statuses; null where the language did not
 * exist.
 */
export interface TemplateChange {
  readonly template: string;
  readonly language: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** WhatsApp's list may lag behind its webhooks by seconds. */
const LIST_LAG_MS = MINUTE_MS;

/** Statuses of a deleted language. */
const GONE = ["DELETED", "PENDING_DELETION"];

/**
 * Applies a webhook's update. Repeats and any order give the same result. Returns the entry unchanged when
 * the update is outdated, or when it is not enough to create an entry.
 */
export function applyWebhook(entry: Entry | null, update: TemplateUpdate, now: number): Entry | null {
  const { language, id, at, change } = update;
  const key = change.kind === "category" ? change.kind : `${change.kind}/${language}`;
  if ((entry?.lastUpdates[key]?.sentAt ?? 0) > at) return entry;
  // WhatsApp has listed the template since: what it said then is newer.
  if ((entry?.listedAt ?? 0) - LIST_LAG_MS > at) return entry;
  const template = entry?.template ?? initialTemplate(update);
  if (template === null) return entry;
  const lastUpdates = { ...entry?.lastUpdates, [key]: { sentAt: at, receivedAt: now } };
  const listing = entry?.listedAt === undefined ? {} : { listedAt: entry.listedAt };
  const known = template.languages[language];
  const withLanguage = (more: Partial<TemplateLanguage>): Entry => {
    const updated = { ...(known ?? languageWith("PENDING", { id })), ...more };
    return {
      template: { ...template, languages: { ...template.languages, [language]: updated } },
      lastUpdates,
      ...listing,
    };
  };
  switch (change.kind) {
    case "category":
      return { template: { ...template, category: change.category }, lastUpdates, ...listing };
    case "quality":
      return known === undefined ? entry : withLanguage({ quality: change.quality });
    case "status":
      if (!GONE.includes(change.status))
        return withLanguage({ status: change.status, rejected_reason: change.reason });
      return {
        template: { ...template, languages: without(language, template.languages) },
        lastUpdates,
        ...listing,
      };
  }
}

/** A status update is enough to create a template; its texts follow with the next sync. */
function initialTemplate({ name, change }: TemplateUpdate): Template | null {
  return change.kind === "status" && change.category !== null ? nameOnly(name, change.category) : null;
}

/**
 * Merges WhatsApp's answer. Webhooks that arrived after the request take precedence.
 *
 * @param requestedAt when the request was made, in milliseconds since the epoch
 * @param complete whether languages that the answer omits no longer exist
 */
export function adopt(entry: Entry | null, answer: Template, requestedAt: number, complete: boolean): Entry {
  const lastUpdates = { ...entry?.lastUpdates };
  const isAnswerNewer = (key: string) => (lastUpdates[key]?.receivedAt ?? 0) <= requestedAt;
  const before = entry?.template.languages ?? {};
  const languages: Record<string, TemplateLanguage> = complete ? {} : { ...before };
  for (const [language, known] of Object.entries(before)) {
    if (!complete || answer.languages[language] !== undefined) continue;
    const key = `status/${language}`;
    if (!isAnswerNewer(key)) languages[language] = known;
    // Record the deletion, so that an older approval that arrives late does not restore the language.
    else lastUpdates[key] = { sentAt: requestedAt, receivedAt: requestedAt };
  }
  for (const [language, listed] of Object.entries(answer.languages)) {
    const known = before[language];
    const isCurrentFor = (subject: "status" | "quality") => isAnswerNewer(`${subject}/${language}`);
    languages[language] = known === undefined ? listed : merge(known, listed, isCurrentFor);
  }
  const category = entry === null || isAnswerNewer("category") ? answer.category : entry.template.category;
  const listedAt = complete ? requestedAt : entry?.listedAt;
  const adopted = { template: { ...answer, category, languages }, lastUpdates };
  return listedAt === undefined ? adopted : { ...adopted, listedAt };
}

/** Combines WhatsApp's answer for a language with known values that the answer lacks. */
export function merge(
  known: TemplateLanguage,
  listed: TemplateLanguage,
  isAnswerNewer: (subject: "status" | "quality") => boolean = () => true,
): TemplateLanguage {
  // Nor does it keep a team's names for the parameters of a template of its library.
  const library = listed.library ?? known.library;
  return {
    ...(library === undefined ? listed : withNames(listed, library)),
    quality: (isAnswerNewer("quality") ? listed.quality : null) ?? known.quality,
    ...(isAnswerNewer("status") ? {} : { status: known.status, rejected_reason: known.rejected_reason }),
    // WhatsApp does not keep a team's name for the URL parameter.
    buttons: listed.buttons.map((button, index) => {
      const url = known.buttons[index]?.url;
      return url !== undefined && withUrlPlaceholder(url) === button.url ? { ...button, url } : button;
    }),
  };
}

/**
 * Lists the changes between two states of a template, by language. Values learned for the first time are not
 * changes.
 */
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
