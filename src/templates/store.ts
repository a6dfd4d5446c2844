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

/** A template's text in one language, ready to be named in a send. */
export interface TemplateChoice {
  readonly template: string;
  readonly language: string;
  /** After this long an undelivered message is dropped; null where that is not known. */
  readonly timeToLiveSeconds: number | null;
}

export interface TemplateTexts {
  readonly category: Template["category"];
  readonly language: string;
  readonly texts: TemplateLanguage;
}

/** How long an isolate goes without asking KV again: a change reaches every isolate within this time and KV's own. */
const FRESH_MS = MINUTE_MS;
const KV_CACHE_SECONDS = 60;

/** The templates in KV, remembered by the isolate: a warm one reads nothing. */
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
   * The approved language of a template that suits a locale best: its own, its language's, else the default.
   * Null where WhatsApp would send none of these: they wait for its review, or it has paused them.
   */
  async choose(name: string, locale: string): Promise<TemplateChoice | null> {
    const { languages, time_to_live_seconds: timeToLiveSeconds } = await this.#cacheOf(name).get();
    const approved = Object.keys(languages).filter((language) => languages[language]?.status === "APPROVED");
    const language = chooseLanguage(locale, approved) ?? chooseLanguage(this.#defaultLocale, approved);
    if (language !== null) return { template: name, language, timeToLiveSeconds };
    if (Object.keys(languages).length > 0) return null;
    // WhatsApp has the last word on a template that KV does not know.
    return { template: name, language: this.#defaultLocale.replaceAll("-", "_"), timeToLiveSeconds };
  }

  /** What a notification says, in the approved language that suits best; null where there is none that texts complete. */
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

  /** What this isolate itself has just heard of, so that its own next send goes by it. */
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
