/** Reads and edits wrangler.toml as text, so that its comments and its layout stay. */

/** A variable of `[vars]`; null where it has none. */
export function readVar(toml: string, name: string): string | null {
  return lineOf(name).exec(toml)?.[2] ?? null;
}

/** Writes a variable into its line, or a new one below `[vars]`. */
export function writeVar(toml: string, name: string, value: string): string {
  if (lineOf(name).test(toml)) return toml.replace(lineOf(name), `$1"${value}"`);
  return toml.replace(/^\[vars\]\n/m, (heading) => `${heading}${name} = "${value}"\n`);
}

export function workerName(toml: string): string {
  return /^name *= *"([^"]+)"/m.exec(toml)?.[1] ?? "sandi";
}

/** Queues for what a consumer could not handle. */
export function deadLetterQueues(toml: string): readonly string[] {
  return [...toml.matchAll(/^dead_letter_queue *= *"([^"]+)"/gm)].map(([, queue = ""]) => queue);
}

export interface Namespace {
  readonly id: string;
  readonly title: string;
}

/**
 * Names the KV namespaces that an interrupted first deploy left behind. Without their ids wrangler would make them
 * again, and Cloudflare refuses a second one of the same title (10014).
 */
export function adoptNamespaces(toml: string, namespaces: readonly Namespace[]): string {
  const worker = workerName(toml);
  return toml.replaceAll(
    /^(\[\[kv_namespaces\]\]\nbinding *= *"([^"]+)")(?!\nid)/gm,
    (text, table, binding) => {
      const title = `${worker}-${String(binding).toLowerCase().replaceAll("_", "-")}`;
      const left = namespaces.find((namespace) => namespace.title === title);
      return left === undefined ? text : `${table}\nid = "${left.id}"`;
    },
  );
}

function lineOf(name: string): RegExp {
  return new RegExp(`^(${name} *= *)"([^"]*)"`, "m");
}
