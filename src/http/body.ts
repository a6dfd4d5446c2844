import type { MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { Problem } from "../platform/problem.ts";
import type { AppEnv } from "./context.ts";

/** `JSON.parse` takes any depth, but walking through the value overflows the stack beyond some 3,000 levels. */
const MAX_DEPTH = 500;

/** One for all requests: it keeps no state between two texts. */
const UTF_8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

/** Hono middleware: throws a problem for a body that is larger, whether or not its length is announced. */
export function limitBody(maxSize: number): MiddlewareHandler<AppEnv> {
  return bodyLimit({
    maxSize,
    onError() {
      throw new Problem("payload_too_large", { detail: `The limit is ${maxSize} bytes.` });
    },
  });
}

/** Parses a request's body. Throws the problem `invalid_request` if it is not JSON in UTF-8, or nests too deep. */
export function parseJson(raw: ArrayBuffer | Uint8Array): unknown {
  let text: string;
  let value: unknown;
  try {
    text = UTF_8.decode(raw);
    value = JSON.parse(text);
  } catch {
    throw invalidBody("The body is not JSON.", "This is not JSON in UTF-8.");
  }
  if (isTooDeep(text))
    throw invalidBody("The body nests too deep.", `This nests more than ${MAX_DEPTH} deep.`);
  return value;
}

function invalidBody(detail: string, fault: string): Problem {
  return new Problem("invalid_request", { detail, errors: [{ pointer: "", detail: fault }] });
}

/** For a text that is valid JSON. Each level takes at least two characters, so that short texts are not scanned. */
function isTooDeep(text: string): boolean {
  if (text.length <= 2 * MAX_DEPTH) return false;
  let depth = 0;
  let isInString = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (isInString && char === "\\") at += 1;
    else if (char === '"') isInString = !isInString;
    else if (!isInString && (char === "[" || char === "{")) depth += 1;
    else if (!isInString && (char === "]" || char === "}")) depth -= 1;
    if (depth > MAX_DEPTH) return true;
  }
  return false;
}
