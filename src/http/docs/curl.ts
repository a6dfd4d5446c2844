import type { EndpointDefinition as Endpoint } from "../endpoint.ts";

/** The shell lines that make a call. The key and the ids of the path are variables of the reader's shell. */
export function curlLines(origin: string, { method, path, example }: Endpoint): string {
  const url = origin + path.replace(/([a-z-]+?)(s?)\/\{(\w+)\}/g, inShell).replace("{id}", "$ENTRY_ID");
  // What curl does by itself: --json makes it a POST.
  const unsaid = example === undefined ? "get" : "post";
  const verb = method === unsaid ? "" : `-X ${method.toUpperCase()} `;
  return [
    `curl ${verb}${url}`,
    '-H "Authorization: Bearer $SANDI_KEY"',
    ...(example === undefined ? [] : [`--json ${quoted(JSON.stringify(example))}`]),
  ].join(" \\\n  ");
}

/** `verifications/{id}` becomes `verifications/$VERIFICATION_ID`; `deliveries/{delivery}` has a name already. */
function inShell(_: string, thing: string, plural: string, parameter: string): string {
  const name = parameter === "delivery" ? `${parameter}_id` : `${thing}_${parameter}`;
  const variable = name.toUpperCase().replaceAll("-", "_");
  return `${thing}${plural}/$${variable}`;
}

/** Within single quotes a shell takes everything literally but the single quote. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
