import { parseE164 } from "../../numbering/e164.ts";

/** How a set of E.164 numbers begins: `+6281`. */
export type Prefix = string & { readonly __brand: "Prefix" };

/** As many as a range leaves open (range.ts): nearly a whole number would be one in clear. */
const OPEN_DIGITS = { least: 4, most: 14 };

/** Reads a prefix; null where no possible number has four digits more. */
export function parsePrefix(text: string): Prefix | null {
  if (!/^\+[1-9]\d{0,10}$/.test(text)) return null;
  for (let open = OPEN_DIGITS.least; open <= OPEN_DIGITS.most; open += 1) {
    if (parseE164(text + "5".repeat(open)) !== null) return text as Prefix;
  }
  return null;
}
