import type { NumberFormats } from "../../../numbering/display-number.ts";
import { chooseLanguage } from "../../../numbering/locale.ts";
import { AssetFiles } from "../../../platform/asset-files.ts";

/** The languages of the page: those of the SMS texts, Hebrew and Urdu. */
export const LANGUAGES = [
  "en",
  "ar",
  "de",
  "es",
  "fr",
  "he",
  "hi",
  "id",
  "it",
  "ja",
  "ko",
  "ms",
  "nl",
  "pt",
  "ru",
  "tr",
  "ur",
  "vi",
  "zh-Hans",
  "zh-Hant",
] as const;

export type Language = (typeof LANGUAGES)[number];

const DEFAULT_LANGUAGE: Language = "en";
const RIGHT_TO_LEFT: readonly Language[] = ["ar", "he", "ur"];

/** What the page says, by keys; in braces, what a text has to name. */
export const WORDS = {
  language: [],
  change_language: [],
  error: [],
  sign_in: ["client"],
  confirm_payment: [],
  country: [],
  number: [],
  send: [],
  cancel: [],
  goes_to: ["number"],
  learns: ["host"],
  learns_no_number: ["host"],
  pay: ["amount", "payee"],
  code_heading: [],
  sms_heading: [],
  code_sent: ["number"],
  code_from: ["sender"],
  verified: [],
  fell_back: [],
  code: [],
  confirm: [],
  no_code: [],
  again: [],
  again_from: ["time"],
  by_sms: [],
  change_number: [],
  never_share: ["client"],
  privacy: [],
  terms: [],
  help: [],
  number_missing: [],
  number_wrong: [],
  number_later: ["time"],
  number_refused: [],
  numbers_over: [],
  too_many: ["time"],
  unavailable: [],
  check_waiting: [],
  check_failed: [],
  check_unavailable: [],
  check_needs_script: [],
  code_missing: [],
  code_wrong: [],
  tries_left: ["count"],
  code_over: [],
  code_exhausted: [],
  code_locked: ["time"],
  code_denied: [],
  code_undelivered: [],
  write_instead: [],
  write_heading: [],
  write_from: ["number"],
  write_from_any: [],
  write_open: [],
  write_check: [],
  write_missing: [],
  write_by_hand: [],
  write_to: [],
  write_text: [],
  write_qr: [],
  write_scan: [],
  write_code: [],
  write_new: [],
  write_over: [],
  write_other: [],
  write_refused: [],
  write_unavailable: [],
  page_heading: [],
  page_request: [],
  page_over: [],
  page_foreign: [],
} as const satisfies Record<string, readonly string[]>;

export type WordKey = keyof typeof WORDS;

/** A language's file among the static assets, as the build writes it. */
export interface LanguageFile {
  readonly words: Readonly<Record<WordKey, string>>;
  /** The addresses of the style sheet and of the script, which change with their content. */
  readonly stylesheet: string;
  readonly script: string;
  /** The addresses of the apps' logos by the apps' names. */
  readonly logos: Readonly<Record<string, string>>;
}

/** A language, with what the page says in it. */
export interface Localization extends LanguageFile {
  readonly language: Language;
  /** The user's own tag, where it says more than the language: for the form of times and the language of the message. */
  readonly locale: string;
  readonly direction: "ltr" | "rtl";
  readonly numberFormats: NumberFormats;
}

/** Where they are among the assets. */
export const NUMBER_FORMATS_PATH = "/sign-in/number-formats.json";

/** Where the words of a language are among the assets. */
export function wordsPath(language: Language): `/${string}` {
  return `/sign-in/words/${language}.json`;
}

/**
 * Chooses the page's language: the first of the user's that there is one for.
 *
 * @param locales BCP 47 tags, the preferred one first.
 */
export function choosePageLanguage(locales: readonly string[]): { language: Language; locale: string } {
  for (const locale of locales) {
    const found = chooseLanguage(locale, LANGUAGES);
    const language = LANGUAGES.find((name) => name === found);
    if (language !== undefined) return { language, locale };
  }
  return { language: DEFAULT_LANGUAGE, locale: DEFAULT_LANGUAGE };
}

/** Reads the words, and how numbers are written, from the static assets, each file once an isolate. */
export class Words {
  readonly #files: AssetFiles<LanguageFile>;
  readonly #formats: AssetFiles<NumberFormats>;

  constructor(assets: Pick<Fetcher, "fetch">) {
    this.#files = new AssetFiles(assets);
    this.#formats = new AssetFiles(assets);
  }

  async localize(locales: readonly string[]): Promise<Localization> {
    const { language, locale } = choosePageLanguage(locales);
    const [file, numberFormats] = await Promise.all([
      this.#files.get(wordsPath(language)),
      this.#formats.get(NUMBER_FORMATS_PATH),
    ]);
    const direction = RIGHT_TO_LEFT.includes(language) ? "rtl" : "ltr";
    return { ...file, language, locale, direction, numberFormats };
  }
}

/** The languages that a browser asks for, the preferred one first (RFC 9110 section 12.5.4). */
export function acceptedLocales(header: string | null): readonly string[] {
  const weighted = (header ?? "").split(",").map((range) => {
    const [tag = "", ...parameters] = range.trim().split(/\s*;\s*/);
    const weight = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2) ?? "1";
    return { tag, weight: Number(weight) || 0 };
  });
  return weighted
    .filter(({ tag, weight }) => weight > 0 && tag !== "" && tag !== "*")
    .toSorted((a, b) => b.weight - a.weight)
    .map(({ tag }) => tag)
    .slice(0, 10);
}
