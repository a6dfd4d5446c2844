const PLACEHOLDER = /\{\{\s*([^{}]*?)\s*\}\}/g;

/** The names of a text's variables (`1`, `order_number`) in order, each once. */
export function placeholders(text: string): string[] {
  return [...new Set(Array.from(text.matchAll(PLACEHOLDER), ([, name = ""]) => name))];
}

/** Replaces variables by their values; a variable without a value stays unchanged. */
export function filled(text: string, values: ReadonlyMap<string, string>): string {
  // A function, because a value may contain `$&`, which a replacement string would interpret.
  return text.replace(PLACEHOLDER, (written, name: string) => values.get(name) ?? written);
}
