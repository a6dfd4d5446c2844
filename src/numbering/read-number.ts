import { foldDigits } from "./digits.ts";
import { type E164, parseE164 } from "./e164.ts";

export type NumberReading =
  | { readonly kind: "number"; readonly number: E164 }
  /** A sentence for the developer. */
  | { readonly kind: "fault"; readonly fault: string };

/** A number of 15 digits with a separator and an invisible mark beside each digit is shorter. */
const LONGEST = 64;

/** What a copy from an address book brings: direction marks, zero-width characters, a byte order mark. */
const INVISIBLE = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;

/** White space, hyphens and the minus sign, dots and round brackets, in every width. */
const SEPARATORS = /[\s\p{Z}\p{Pd}\u2212\u2043.\u00b7\uff0e()\uff08\uff09]/gu;

const FULL_WIDTH_PLUS = /^[\uff0b\ufe62]/;

/**
 * Reads a phone number as people type, paste and dictate it: with separators, invisible marks and the digits of any
 * script. It has to begin with a plus sign, since without one the country is a guess. Everything else is for
 * {@link parseE164}.
 */
export function readNumber(text: string): NumberReading {
  const direct = parseE164(text);
  if (direct !== null) return { kind: "number", number: direct };
  if (text.length > LONGEST) return fault(`Give the number in at most ${LONGEST} characters.`);
  const bare = text.replace(INVISIBLE, "").replace(SEPARATORS, "").replace(FULL_WIDTH_PLUS, "+");
  const spelled = foldDigits(bare);
  const foreign = /[^0-9]/u.exec(spelled.replace(/^\+/, ""))?.[0];
  if (foreign !== undefined) return fault(`${nameOf(foreign)} is not part of a phone number.`);
  if (!spelled.startsWith("+")) {
    return fault("Give the number with a plus sign and its country code, such as +6281234567890.");
  }
  const number = parseE164(spelled);
  if (number !== null) return { kind: "number", number };
  return fault(
    "This number is not possible: its country code is unknown, its length is not one of its country, or the 0 of " +
      "national calls follows the country code.",
  );
}

function fault(text: string): NumberReading {
  return { kind: "fault", fault: text };
}

/** A character as an error can show it: `"x" (U+0078)`, and without the quotes where it shows nothing. */
function nameOf(character: string): string {
  const codePoint = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  const isShown = /[\p{L}\p{N}\p{P}\p{S}]/u.test(character);
  return isShown ? `The character "${character}" (U+${codePoint})` : `The character U+${codePoint}`;
}
