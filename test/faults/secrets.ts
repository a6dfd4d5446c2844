import type { Leak } from "./history.ts";

/**
 * What must not be found where it does not belong is made to be found: every brought code carries a mark that
 * nothing else has, and every phone number the same six digits.
 */
export const CODE_MARK = "QZ7XKW";
export const CUSTOM_CODE_LENGTH = 15;

/** Of a person who verifies, by their place. */
export function numberOf(place: number): string {
  return `+62812587${String(place).padStart(5, "0")}`;
}

/** Of somebody whom nobody may write to: only forbidden and faulty calls name them. */
export function forbiddenNumber(place: number): string {
  return `+62812588${String(place).padStart(5, "0")}`;
}

export function isForbiddenNumber(number: string): boolean {
  return number.startsWith("+62812588");
}

/** In any case, in UTF-16, in hex, and in base64 wherever in a text it begins. */
const CODES = [
  new RegExp([CODE_MARK, [...CODE_MARK].join("\\0"), Buffer.from(CODE_MARK).toString("hex")].join("|"), "i"),
  new RegExp(base64Forms(CODE_MARK).join("|")),
];
/** With or without the country's code; not as a part of a longer number, such as a time. */
const NUMBERS = [/(?<!\d)(?:62|0)?81258[78]\d{5}(?!\d)/];
const SIX_DIGITS = /(?<![\w+.:-])\d{6}(?![\w.:-])/g;

const AROUND = 80;

/** Looks for codes, and for whole numbers where those have no business either. */
export function findLeaks(bytes: Buffer | string, where: string, whats: readonly Leak["what"][]): Leak[] {
  const text = typeof bytes === "string" ? bytes : bytes.toString("latin1");
  return whats.flatMap((what) => {
    const patterns = what === "code" ? CODES : NUMBERS;
    const found = patterns.map((pattern) => pattern.exec(text)).find((match) => match !== null);
    if (found === undefined) return [];
    const excerpt = text.slice(Math.max(0, found.index - AROUND), found.index + AROUND);
    return [{ what, where, excerpt: excerpt.replace(/[^\x20-\x7e]+/g, "·") }];
  });
}

/** Every number of six digits that stands by itself: codes that the Worker draws look like that. */
export function sixDigitsIn(text: string): readonly string[] {
  return text.match(SIX_DIGITS) ?? [];
}

/** The characters of base64 that do not depend on what stands around the text, for each way it can be aligned. */
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
