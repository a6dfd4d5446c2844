import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import {
  ENGLISH,
  OTHER_LANGUAGES,
  type Wording,
  wordingPath,
} from "../../verification/message-first/wording.ts";

const DIRECTORY = join(import.meta.dirname, "words");
const keys = Object.keys(ENGLISH) as (keyof Wording)[];

/**
 * What users of message first say and are answered, by language, as static assets: the Worker reads a language when a user
 * needs it.
 *
 * @returns Contents by their paths in the directory of assets. Throws where a language lacks a text, or where a text does not
 *   name what the English one does.
 */
export async function messageFirstFiles(): Promise<Readonly<Record<string, string>>> {
  const files: Record<string, string> = {};
  for (const language of OTHER_LANGUAGES) {
    const text = await readFile(join(DIRECTORY, `${language}.json`), "utf8");
    files[wordingPath(language).slice(1)] = JSON.stringify(wordingSchema.parse(JSON.parse(text)));
  }
  return files;
}

const wordingSchema = z.record(z.enum(keys), z.string().min(1)).superRefine((wording, context) => {
  for (const key of keys) {
    if (gapsIn(wording[key]) === gapsIn(ENGLISH[key])) continue;
    context.addIssue({
      code: "custom",
      path: [key],
      message: `has to name ${gapsIn(ENGLISH[key]) || "nothing"}`,
    });
  }
});

/** What a text names, and whether a part of it is left out without a brand. */
function gapsIn(text: string): string {
  const names = [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).toSorted();
  return [...names, ...(/\[.*\]/.test(text) ? ["a part in brackets"] : [])].join(", ");
}
