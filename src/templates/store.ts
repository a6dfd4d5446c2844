import { chooseLanguage } from "../numbering/locale.ts";
import { IsolateCache } from "../platform/isolate-cache.ts";
import { MINUTE_MS } from "../platform/time.ts";
import {
  DEFAULT_TEMPLATE,
  keyOf,
  nameOnly,
  type Template,
  type TemplateLanguage,
  templateSchema,
} from "./template.ts";

/** The template and language that a send names. */
export interface TemplateChoice {
  readonly template: string;
  readonly language: string;
  /** WhatsApp drops an undelivered message after this time; null when unknown. */
  readonly timeToLiveSeconds: number | null;
}

/** Templates in a language that WhatsApp has just refused, although KV has them approved. */
export type ExceptedTemplates = ReadonlySet<string>;

export function exceptedTemplate({
  name,
  language,
}: {
  readonly name: string;
  readonly language: string;
}): string {
  return `${name}/${language}`;
}

export interface TemplateTexts {
  readonly category: Template["category"];
  readonly language: string;
  readonly texts: TemplateLanguage;
}

/**
 * How long an isolate uses a template before it reads KV again. A change reaches every isolate within this
 * time plus KV's own cache.
 */
const FRESH_MS = MINUTE_MS;
const KV_CACHE_SECONDS = 60;

/** Reads templates from KV through the isolate's cache. */
export class TemplateStore {
  readonly #namespace: KVNamespace;
  readonly #defaultLocale: string;
  /** By name. */
  readonly #templates = new Map<string, IsolateCache<Template>>();

  constructor(namespace: KVNamespace, defaultLocale: string) {
    this.#namespace = namespace;
    this.#defaultLocale = defaultLocale;
  }

  /**
   * The approved language of a template that suits a locale best: the locale itself, its language, then the
   * deployment's default. Null while WhatsApp would send none of them, because they are in review or paused.
   */
  async choose(name: string, locale: string, except?: ExceptedTemplates): Promise<TemplateChoice | null> {
    const { languages, time_to_live_seconds: timeToLiveSeconds } = await this.#cacheOf(name).get();
    const mayBeSent = (language: string) => except?.has(exceptedTemplate({ name, language })) !== true;
    const approved = Object.keys(languages).filter(
      (language) => languages[language]?.status === "APPROVED" && mayBeSent(language),
    );
    const language = chooseLanguage(locale, approved) ?? chooseLanguage(this.#defaultLocale, approved);
    if (language !== null) return { template: name, language, timeToLiveSeconds };
    if (Object.keys(languages).length > 0) return null;
    // KV does not know this template; WhatsApp decides whether it can be sent.
    const assumed = this.#defaultLocale.replaceAll("-", "_");
    return mayBeSent(assumed) ? { template: name, language: assumed, timeToLiveSeconds } : null;
  }

  /**
   * A notification's texts in the approved language that suits best; null when no approved language can be
   * sent with text parameters alone.
   */
  async textsOf(name: string, locale: string): Promise<TemplateTexts | null> {
    const { category, languages } = await this.#cacheOf(name).get();
    const approved = Object.keys(languages).filter((language) => {
      const { status, body = null } = languages[language] ?? {};
      return status === "APPROVED" && body !== null;
    });
    const language = chooseLanguage(locale, approved) ?? chooseLanguage(this.#defaultLocale, approved);
    const texts = language === null ? undefined : languages[language];
    return language === null || texts === undefined ? null : { category, language, texts };
  }

  /** Caches a template that this isolate has just changed, so that its next send uses the new state. */
  remember(template: Template): void {
    this.#cacheOf(template.name).set(template);
  }

  /** When KV fails or holds an invalid value, the last known template is used: users still get their codes. */
  #cacheOf(name: string): IsolateCache<Template> {
    const known = this.#templates.get(name);
    if (known !== undefined) return known;
    const cache = new IsolateCache(() => this.#read(name), {
      freshMs: FRESH_MS,
      fallback: { value: initial(name), message: `Template ${name} could not be read from KV` },
    });
    this.#templates.set(name, cache);
    return cache;
  }

  async #read(name: string): Promise<Template> {
    const value = await this.#namespace.get(keyOf(name), { type: "json", cacheTtl: KV_CACHE_SECONDS });
    return value === null ? initial(name) : templateSchema.parse(value);
  }
}

function initial(name: string): Template {
  return name === DEFAULT_TEMPLATE.name ? DEFAULT_TEMPLATE : nameOnly(name, "authentication");
}
