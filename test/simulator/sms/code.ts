/** The line that binds a code to a site (WICG, "Origin-bound one-time codes delivered via SMS"). */
const ORIGIN_BOUND = /(?:^|\n)@[\w.-]+ #([A-Za-z0-9]+)\s*$/;

/** A code at the start of a text may have no digit. */
const FIRST = /^([A-Z0-9]{4,10})(?![A-Za-z0-9])/;

const ANYWHERE = /(?<![A-Za-z0-9])(?=[A-Za-z]*\d)([A-Za-z0-9]{4,10})(?![A-Za-z0-9])/;

/** Finds the code in an SMS as phones do: the bound code, else the first that looks like a code. */
export function codeIn(text: string): string | null {
  for (const place of [ORIGIN_BOUND, FIRST, ANYWHERE]) {
    const code = place.exec(text)?.[1];
    if (code !== undefined) return code;
  }
  return null;
}
