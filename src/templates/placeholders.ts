/** `{{name}}` or `{{1}}`, as WhatsApp writes a template's parameters. */
const PLACEHOLDER = /\{\{\s*(\w+)\s*\}\}/g;

/** The parameters that a text names, in order, each once. */
export function placeholdersIn(text: string | null): readonly string[] {
  return [...new Set([...(text ?? "").matchAll(PLACEHOLDER)].map(([, name = ""]) => name))];
}

/** Puts something in the place of each placeholder. */
export function replacePlaceholders(text: string, replacement: (name: string) => string): string {
  return text.replace(PLACEHOLDER, (_, name: string) => replacement(name));
}

/** True where a template's parameters are `{{1}}`, `{{2}}` …, and a send gives them by their order. */
export function isPositional(name: string): boolean {
  return /^\d+$/.test(name);
}

/**
 * The parameter that completes a button's address; null for a fixed one. WhatsApp calls it `{{1}}` whatever
 * the body's are called: that is the parameter `1` where there is one, else the body's last.
 */
export function addressParameter(
  url: string | undefined,
  body: readonly string[],
  given: Readonly<Record<string, string>>,
): string | null {
  const [name = null] = placeholdersIn(url ?? null);
  return name === "1" && !Object.hasOwn(given, name) ? (body.at(-1) ?? name) : name;
}
