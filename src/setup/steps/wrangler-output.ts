/** What wrangler's texts mean, as wrangler 4.164 writes them. */
export type WranglerFault =
  /** The account has no workers.dev name. */
  | { readonly kind: "no_subdomain"; readonly link: string }
  /** The token or login may not do something. */
  | { readonly kind: "no_permission"; readonly permissions: readonly string[] }
  /** Namespaces of an interrupted first deploy are in the way. */
  | { readonly kind: "leftovers" }
  | { readonly kind: "other"; readonly text: string };

/** The permissions of a token that deploys, by the part of Cloudflare's API that they open. */
const PERMISSIONS: readonly (readonly [path: RegExp, permission: string])[] = [
  [/\/storage\/kv\//, "Workers KV Storage: Edit"],
  [/\/d1\//, "D1: Edit"],
  [/\/queues/, "Queues: Edit"],
  [/\/domains\/|\/routes|\/zones\//, "Workers Routes: Edit, and Zone: Read"],
  [/\/workers\//, "Workers Scripts: Edit"],
  [/\/(accounts|memberships|user)/, "Account Settings: Read"],
];

/** All that a token for setup needs. */
export const NEEDED_PERMISSIONS =
  "Workers Scripts, Workers KV Storage, D1 and Queues: Edit; Account Settings: Read";

/** Resources that wrangler skips in silence where it may not list them. */
const SKIPPED: readonly (readonly [line: RegExp, permission: string])[] = [
  [/^\s*KV - /m, "Workers KV Storage: Edit"],
  [/^\s*D1 - /m, "D1: Edit"],
  [/^\s*Queues? - /m, "Queues: Edit"],
];

/** @returns null for a run that did all it had to */
export function faultOf({
  code,
  output,
}: {
  readonly code: number;
  readonly output: string;
}): WranglerFault | null {
  // Without the right to list a resource the deploy succeeds, and the Worker lacks it.
  if (output.includes("Skipping automatic provisioning")) {
    const permissions = SKIPPED.filter(([line]) => line.test(output)).map(([, permission]) => permission);
    return { kind: "no_permission", permissions };
  }
  if (code === 0) return null;
  const link = /https:\/\/dash\.cloudflare\.com\/\S+\/workers\/onboarding/.exec(output)?.[0];
  if (link !== undefined) return { kind: "no_subdomain", link };
  if (output.includes("[code: 10014]")) return { kind: "leftovers" };
  if (output.includes('must have a "database_id" field')) {
    return { kind: "no_permission", permissions: ["D1: Edit"] };
  }
  if (isDenied(output)) {
    const path = /request to the Cloudflare API \(([^)]+)\)/.exec(output)?.[1] ?? "";
    const permission = PERMISSIONS.find(([pattern]) => pattern.test(path))?.[1];
    return { kind: "no_permission", permissions: permission === undefined ? [] : [permission] };
  }
  return { kind: "other", text: errorText(output) };
}

/** Whether Cloudflare has refused a call for want of a permission. */
export function isDenied(output: string): boolean {
  return /\[code: (10000|9109|10001)\]|Authentication error|Unauthorized/.test(output);
}

export function isMissingWorker(output: string): boolean {
  return /Worker "[^"]+" not found|\[code: (10007|10090)\]|does not exist/.test(output);
}

/** The first error of the output in one line, with Cloudflare's code where there is one. */
function errorText(output: string): string {
  const [, text = output] = /ERROR\]?\s*([\s\S]+?)(?:\n\s*\n|$)/.exec(output) ?? [];
  const reason = /^.*\[code: \d+\]/m.exec(output)?.[0] ?? "";
  return `${text} ${text.includes(reason) ? "" : reason}`.replaceAll(/\s+/g, " ").trim().slice(0, 300);
}

export function sentenceOf(fault: WranglerFault): string {
  switch (fault.kind) {
    case "no_subdomain":
      return `Your Cloudflare account has no workers.dev name yet. Register one at ${fault.link}, or give a domain of yours with --domain.`;
    case "no_permission": {
      const lacks = fault.permissions.length === 0 ? "a permission" : fault.permissions.join(", ");
      return `The Cloudflare token lacks ${lacks}. It needs: ${NEEDED_PERMISSIONS} (https://dash.cloudflare.com/profile/api-tokens).`;
    }
    case "leftovers":
      return "Namespaces of an earlier deploy are in the way, and could not be adopted. See: npx wrangler kv namespace list";
    case "other":
      return `wrangler failed: ${fault.text}`;
  }
}

/** The JSON in an output that may have lines before it. */
export function jsonIn(stdout: string): unknown {
  const start = stdout.search(/^[[{]/m);
  try {
    return start === -1 ? null : JSON.parse(stdout.slice(start));
  } catch {
    return null;
  }
}

/** The names of the Worker's secrets in the output of `wrangler secret list`; null where it has no list. */
export function secretNamesIn(stdout: string): readonly string[] | null {
  const list = jsonIn(stdout);
  return Array.isArray(list) ? list.map((secret: { readonly name?: unknown }) => String(secret.name)) : null;
}
