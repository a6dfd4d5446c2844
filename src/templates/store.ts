import { log } from "../log.ts";
import { chooseLanguage } from "./language.ts";
import { DEFAULT_TEMPLATE, type Template, templateSchema } from "./template.ts";

/** A template's text in one language, ready to be named in a send. */
export interface TemplateChoice {
  readonly template: string;
  readonly language: string;
  /** After this long an undelivered message is dropped; null where that is not known. */
  readonly timeToLiveSeconds: number | null;
}

/** How long an isolate goes without asking KV again: a change reaches every isolate within this time and KV's own. */
const FRESH_MS = 60_000;
const KV_CACHE_SECONDS = 60;

/** The templates in KV, remembered by the isolate: a warm one reads nothing. */
export class TemplateStore {
  readonly #namespace: KVNamespace;
  readonly #defaultLocale: string;
  readonly #remembered = new Map<string, { readonly template: Promise<Template>; readonly readAt: number }>();

  constructor(namespace: KVNamespace, defaultLocale: string) {
    this.#namespace = namespace;
    this.#defaultLocale = defaultLocale;
  }

  /** The approved language of a template that suits a locale best: its own, its language's, else the default. */
  async choose(name: string, locale: string): Promise<TemplateChoice> {
    const { languages, time_to_live_seconds: timeToLiveSeconds } = await this.#read(name);
    const approved = Object.keys(languages).filter((language) => languages[language]?.status === "APPROVED");
    const language =
      chooseLanguage(locale, approved) ??
      chooseLanguage(this.#defaultLocale, approved) ??
      // WhatsApp has the last word on a template that KV does not know.
      this.#defaultLocale.replaceAll("-", "_");
    return { template: name, language, timeToLiveSeconds };
  }

  #read(name: string): Promise<Template> {
    const known = this.#remembered.get(name);
    if (known !== undefined && Date.now() - known.readAt < FRESH_MS) return known.template;
    const template = this.#fetch(name, known?.template);
    this.#remembered.set(name, { template, readAt: Date.now() });
    return template;
  }

  /** A fault of KV, or of what somebody wrote there, costs no user the code: the last known template serves on. */
  async #fetch(name: string, lastKnown: Promise<Template> | undefined): Promise<Template> {
    try {
      const value = await this.#namespace.get(`template/${name}`, {
        type: "json",
        cacheTtl: KV_CACHE_SECONDS,
      });
      return value === null ? initial(name) : templateSchema.parse(value);
    } catch (error) {
      log("error", `Template ${name} could not be read from KV`, { error: String(error) });
      return lastKnown ?? initial(name);
    }
  }
}

function initial(name: string): Template {
  return name === DEFAULT_TEMPLATE.name
    ? DEFAULT_TEMPLATE
    : { ...DEFAULT_TEMPLATE, name, time_to_live_seconds: null, languages: {} };
}
