import type { Leak } from "./history.ts";
import { WHOLE_NUMBERS } from "./people.ts";

/** Makes codes recognizable: every custom code contains this mark. */
export const CODE_MARK = "QZ7XKW";
export const CUSTOM_CODE_LENGTH = 15;

/** Any letter case, UTF-16, hex, and base64 at every alignment. */
const CODES = [
  new RegExp([CODE_MARK, [...CODE_MARK].join("\\0"), Buffer.from(CODE_MARK).toString("hex")].join("|"), "i"),
  new RegExp(base64Forms(CODE_MARK).join("|")),
];
const SIX_DIGITS = /(?<![\w+.:-])\d{6}(?![\w.:-])/g;

const AROUND = 80;

/** Finds plaintext codes or full numbers in bytes. */
export function findLeaks(bytes: Buffer | string, where: string, whats: readonly Leak["what"][]): Leak[] {
  const text = typeof bytes === "string" ? bytes : bytes.toString("latin1");
  return whats.flatMap((what) => {
    const patterns = what === "code" ? CODES : WHOLE_NUMBERS;
    const found = patterns.map((pattern) => pattern.exec(text)).find((match) => match !== null);
    if (found === undefined) return [];
    const excerpt = text.slice(Math.max(0, found.index - AROUND), found.index + AROUND);
    return [{ what, where, excerpt: excerpt.replace(/[^\x20-\x7e]+/g, "·") }];
  });
}

/** Every isolated six-digit number, the format of generated codes. */
export function sixDigitsIn(text: string): readonly string[] {
  return text.match(SIX_DIGITS) ?? [];
}

/** The characters of the base64 encoding that do not depend on the text around it, for each alignment. */
function base64Forms(text: string): string[] {
  return [0, 1, 2].map((offset) => {
    const encoded = Buffer.from(" ".repeat(offset) + text)
      .toString("base64")
      .replace(/=+$/, "");
    const from = Math.ceil((offset * 8) / 6);
    const sure = Math.floor(((offset + text.length) * 8) / 6);
    return encoded.slice(from, sure);
  });
}
