import { type Code, type CodeFormat, readCode } from "../../codes/code.ts";
import { foldDigits } from "../../numbering/digits.ts";

const LONGEST = 512;

/**
 * The code in what a user typed or pasted, which may be the message around it: "Your code is 482 913." Null where there is
 * nothing to check.
 */
export function findCode(text: string, { codeLength, codeAlphabet }: CodeFormat): Code | null {
  if (text.length > LONGEST) return null;
  const whole = readCode(text);
  if (whole.length === codeLength || whole === "") return whole === "" ? null : whole;
  const folded = foldDigits(text.normalize("NFKC")).toUpperCase();
  const pattern = codeAlphabet === "digits" ? groupedDigits(codeLength) : word(codeLength);
  const found = [...folded.matchAll(pattern)]
    .map(([match]) => readCode(match))
    .filter((word) => /[0-9]/.test(word));
  const [first = whole] = found;
  return first;
}

/** Digits with a space or a hyphen between them at most; an amount with decimals is none. */
function groupedDigits(length: number): RegExp {
  return new RegExp(`(?<![0-9][.,]?)[0-9](?:[ \\u00a0-]?[0-9]){${length - 1}}(?![.,]?[0-9])`, "g");
}

/** Letters and digits up to the next space. */
function word(length: number): RegExp {
  return new RegExp(`(?<![0-9A-Z])[0-9A-Z](?:-?[0-9A-Z]){${length - 1}}(?![0-9A-Z])`, "g");
}
