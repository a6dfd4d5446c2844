const PLACEHOLDER = /\{\{\s*([^{}]*?)\s*\}\}/g;

/** The names of a text's variables (`1`, `order_number`) in order, each once. */
export function placeholders(text: string): string[] {
  return [...new Set(Array.from(text.matchAll(PLACEHOLDER), ([, name = ""]) => name))];
}

/** Puts values in the variables' places; a variable without a value stays as it is written. */
export function filled(text: string, values: ReadonlyMap<string, string>): string {
  // A function, because a value may contain `$&`, which a replacement string would interpret.
  return text.replace(PLACEHOLDER, (written, name: string) => values.get(name) ?? written);
}
