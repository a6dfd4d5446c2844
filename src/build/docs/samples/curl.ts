import type { DocumentedEndpoint } from "../documented.ts";
import { fillPath } from "./path.ts";

/** Characters of a body that fit beside the text of a page, after `--json`. */
const LONGEST_BODY = 34;

/**
 * The command that makes a call. The key and the ids in the path are variables of the reader's shell. Null for a call
 * that another system signs.
 */
export function curlLines(origin: string, endpoint: DocumentedEndpoint): string | null {
  const { method, path, example, dialect } = endpoint;
  const credentials = credentialsFor(endpoint);
  if (credentials === null) return null;
  const filled = fillPath(path, (words) => `$${words.join("_").toUpperCase()}`);
  const isForm = dialect?.bodyType === "application/x-www-form-urlencoded";
  return lines(
    origin + filled,
    method,
    [...credentials, ...bodyOptions(example, isForm)],
    example === undefined,
  );
}

/** A request to this API, with the key of the reader's shell. */
export function command(url: string, method: string, body: unknown): string {
  return lines(url, method, [BEARER, ...bodyOptions(body, false)], body === undefined);
}

function lines(url: string, method: string, options: readonly string[], isWithoutBody: boolean): string {
  // A body makes it a POST.
  const defaultMethod = isWithoutBody ? "get" : "post";
  const verb = method === defaultMethod ? "" : `-X ${method.toUpperCase()} `;
  return [`curl ${verb}${url}`, ...options].join(" \\\n  ");
}

const BEARER = '-H "Authorization: Bearer $SANDI_KEY"';

/** A dialect takes the key as its system's clients send their own. */
function credentialsFor({ dialect, curlCredentials }: DocumentedEndpoint): readonly string[] | null {
  if (curlCredentials !== undefined) return curlCredentials === null ? [] : [curlCredentials];
  if (dialect === undefined) return [BEARER];
  const schemes = Object.values(dialect.credentials).flatMap((credentials) => {
    if (credentials.type !== "http" || credentials.bearerFormat !== undefined) return [];
    return [credentials.scheme];
  });
  if (schemes.includes("bearer")) return [BEARER];
  return schemes.includes("basic") ? ['-u "any:$SANDI_KEY"'] : null;
}

function bodyOptions(body: unknown, isForm: boolean): string[] {
  if (body === undefined) return [];
  if (!isForm) return [`--json ${quoted(inLines(body))}`];
  return Object.entries(body ?? {}).map(([name, value]) => `--data-urlencode ${quoted(`${name}=${value}`)}`);
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
