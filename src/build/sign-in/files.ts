import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import {
  LANGUAGES,
  type LanguageFile,
  NUMBER_FORMATS_PATH,
  WORDS,
  type WordKey,
  wordsPath,
} from "../../http/sign-in/page/words.ts";
import { numberFormats } from "../numbering.ts";
import { type LogoFiles, versionOf } from "./logos.ts";

const DIRECTORY = import.meta.dirname;

/**
 * The page's style sheet, script, words and logos, as static assets: the Worker reads a language when a user needs it.
 *
 * @param script The script of the code page.
 * @returns Contents by their paths in the directory of assets. Throws where a language lacks a text, or where a text does not
 *   name exactly what it has to.
 */
export async function signInFiles(
  script: string,
  logos: LogoFiles,
): Promise<Readonly<Record<string, string | Buffer>>> {
  const style = minify(await readFile(join(DIRECTORY, "style.css"), "utf8"));
  const addresses = {
    stylesheet: `/oauth/style.css?v=${versionOf(style)}`,
    script: `/oauth/script.js?v=${versionOf(script)}`,
    logos: logos.addresses,
  };
  const files: Record<string, string | Buffer> = {
    ...logos.files,
    "sign-in/style.css": style,
    "sign-in/script.js": script,
    [NUMBER_FORMATS_PATH.slice(1)]: JSON.stringify(numberFormats()),
  };
  for (const language of LANGUAGES) {
    const file: LanguageFile = { words: await readWords(language), ...addresses };
    files[wordsPath(language).slice(1)] = JSON.stringify(file);
  }
  return files;
}

const keys = Object.keys(WORDS) as WordKey[];

const wordsSchema = z.record(z.enum(keys), z.string().min(1)).superRefine((words, context) => {
  for (const key of keys) {
    const named = [...words[key].matchAll(/\{(\w*)\}/g)].map(([, name]) => name).toSorted();
    if (named.join() === WORDS[key].toSorted().join()) continue;
    context.addIssue({
      code: "custom",
      path: [key],
      message: `has to name ${WORDS[key].join(", ") || "nothing"}`,
    });
  }
});

async function readWords(language: string): Promise<LanguageFile["words"]> {
  const text = await readFile(join(DIRECTORY, "words", `${language}.json`), "utf8");
  return wordsSchema.parse(JSON.parse(text));
}

/** Drops comments and white space at the ends of lines. */
function minify(css: string): string {
  return css.replace(/\/\*.*?\*\//gs, "").replace(/\s*\n\s*/g, "");
}
