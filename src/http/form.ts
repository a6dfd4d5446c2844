import { Problem, pointerTo } from "../platform/problem.ts";

/** One for all requests: it keeps no state between two texts. */
const UTF_8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

/**
 * Parses a body of `application/x-www-form-urlencoded` to an object of texts. Throws the problem `invalid_request` for
 * bytes that are no UTF-8 and for a parameter that is given twice.
 */
export function parseForm(raw: ArrayBuffer): Readonly<Record<string, string>> {
  const form: Record<string, string> = Object.create(null);
  for (const [name, value] of new URLSearchParams(decode(raw))) {
    if (name in form) throw invalidForm(name, "Give it once.");
    form[name] = value;
  }
  return form;
}

function decode(raw: ArrayBuffer): string {
  try {
    return UTF_8.decode(raw);
  } catch {
    throw invalidForm("", "The body is not a form in UTF-8.");
  }
}

function invalidForm(name: string, detail: string): Problem {
  return new Problem("invalid_request", {
    detail,
    errors: [{ pointer: name === "" ? "" : pointerTo([name]), detail }],
  });
}
