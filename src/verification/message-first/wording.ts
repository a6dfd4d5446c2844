import { chooseLanguage } from "../../numbering/locale.ts";
import { AssetFiles } from "../../platform/asset-files.ts";
import type { MaybePromise } from "../../platform/async.ts";
import { log } from "../../platform/log.ts";

/**
 * What a user says by the message, in their own words, and what they are answered in WhatsApp. What is in square brackets is
 * left out for an app without a brand. No answer has a code: Meta allows codes in authentication templates only.
 */
export interface Wording {
  readonly signup: string;
  readonly login: string;
  readonly recovery: string;
  /** Names amount and payee. */
  readonly payment: string;
  /** For every other purpose. */
  readonly other: string;
  /** Of a stranger who sends the link to another person; it ends what the user says. */
  readonly warning: string;
  readonly done: string;
  /** The button of {@link done}: WhatsApp shows at most 20 characters. */
  readonly notMe: string;
  readonly late: string;
  /** To a user whose messages come without a number. */
  readonly shareNumber: string;
}

/** In the Worker itself, so that a user is answered when the assets cannot be read. */
export const ENGLISH: Wording = {
  signup: "Confirm my sign-up[ at {brand}]",
  login: "Confirm my login[ at {brand}]",
  recovery: "Recover my account[ at {brand}]",
  payment: "Confirm my payment of {amount} to {payee}[ at {brand}]",
  other: "Confirm my phone number[ at {brand}]",
  warning: "If somebody asked you to send this, do not.",
  done: "Done.[ You may go back to {brand}.] Not you?",
  notMe: "It wasn't me",
  late: "This code is too old.[ Start again at {brand}.]",
  shareNumber: "Share your phone number to go on.",
};

/** The languages among the static assets. */
export const OTHER_LANGUAGES = [
  "id",
  "es",
  "pt",
  "fr",
  "de",
  "it",
  "nl",
  "tr",
  "ar",
  "he",
  "ur",
  "hi",
  "ms",
  "vi",
  "ru",
  "zh-Hans",
  "zh-Hant",
  "ja",
  "ko",
] as const;

/** Where a language is among the assets. */
export function wordingPath(language: string): `/${string}` {
  return `/message-first/words/${language}.json`;
}

/** Assets that take longer are done without. */
const TIMEOUT_MS = 1000;

/** Reads the wordings from the static assets, each language once an isolate. */
export class Wordings {
  readonly #files: AssetFiles<Wording>;

  constructor(assets: Pick<Fetcher, "fetch">) {
    this.#files = new AssetFiles(assets);
  }

  /** That of the user's language; in English where there is none, or where it cannot be read now. */
  of(locale: string): MaybePromise<Wording> {
    const language = chooseLanguage(locale, OTHER_LANGUAGES);
    if (language === null) return ENGLISH;
    const wording = this.#files.get(wordingPath(language));
    return wording instanceof Promise ? inEnglishIfLost(wording, language) : wording;
  }
}

async function inEnglishIfLost(wording: Promise<Wording>, language: string): Promise<Wording> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`No answer for ${TIMEOUT_MS} ms`)), TIMEOUT_MS);
  });
  try {
    return await Promise.race([wording, timeout]);
  } catch (error) {
    log("error", "Wording could not be read", { error: `${wordingPath(language)}: ${String(error)}` });
    return ENGLISH;
  } finally {
    clearTimeout(timer);
  }
}
