import { Problem } from "../problems.ts";

/** Reads a request's body as JSON, or throws the problem that says it is none. */
export function parseJson(raw: ArrayBuffer | Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(raw));
  } catch {
    throw new Problem("invalid_request", {
      detail: "The body is not JSON.",
      errors: [{ pointer: "", detail: "This is not JSON in UTF-8." }],
    });
  }
}
