import type { EndpointDefinition } from "../../../http/endpoint.ts";
import { fillPath } from "./path.ts";

/** Characters of a body that fit beside the text of a page, after `--json`. */
const LONGEST_BODY = 34;

/** The command that makes a call. The key and the ids in the path are variables of the reader's shell. */
export function curlLines(origin: string, { method, path, example }: EndpointDefinition): string {
  const filled = fillPath(path, (words) => `$${words.join("_").toUpperCase()}`);
  return command(origin + filled, method, example);
}

/** A request with the key of the reader's shell. */
export function command(url: string, method: string, body: unknown): string {
  // --json makes it a POST.
  const defaultMethod = body === undefined ? "get" : "post";
  const verb = method === defaultMethod ? "" : `-X ${method.toUpperCase()} `;
  return [
    `curl ${verb}${url}`,
    '-H "Authorization: Bearer $SANDI_KEY"',
    ...(body === undefined ? [] : [`--json ${quoted(inLines(body))}`]),
  ].join(" \\\n  ");
}

/** JSON on one line if it is short, as in the text of a page; else a field a line. */
function inLines(body: unknown): string {
  const flat = JSON.stringify(body, null, 1).replace(/\n\s*/g, " ");
  return flat.length <= LONGEST_BODY ? flat : JSON.stringify(body, null, 2).replaceAll("\n", "\n  ");
}

/** Within single quotes a shell takes everything literally except the single quote. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
