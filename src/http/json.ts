import { Problem } from "../platform/problem.ts";

/** Parsing takes any depth; what walks through the value afterwards runs out of stack beyond some 3,000. */
const DEEPEST = 500;

/** One for all: it keeps nothing between two texts, and each of its kind is an object of the platform's. */
const UTF_8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

/** Reads a request's body as JSON, or throws the problem that says it is none. */
export function parseJson(raw: ArrayBuffer | Uint8Array): unknown {
  let text: string;
  let value: unknown;
  try {
    text = UTF_8.decode(raw);
    value = JSON.parse(text);
  } catch {
    throw refusal("The body is not JSON.", "This is not JSON in UTF-8.");
  }
  if (isTooDeep(text)) throw refusal("The body nests too deep.", `This nests more than ${DEEPEST} deep.`);
  return value;
}

function refusal(detail: string, fault: string): Problem {
  return new Problem("invalid_request", { detail, errors: [{ pointer: "", detail: fault }] });
}

/** Of valid JSON. Each level takes two characters at least, so that what people send is seldom looked at. */
function isTooDeep(text: string): boolean {
  if (text.length <= 2 * DEEPEST) return false;
  let [depth, isInString] = [0, false];
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (isInString && char === "\\") at += 1;
    else if (char === '"') isInString = !isInString;
    else if (!isInString && (char === "[" || char === "{")) depth += 1;
    else if (!isInString && (char === "]" || char === "}")) depth -= 1;
    if (depth > DEEPEST) return true;
  }
  return false;
}
