/** Encodes an object as a form; what is no text is written as JSON. */
export function toForm(value: unknown): Buffer {
  const entries = Object.entries(Object(value)).map(
    ([name, part]) => [name, typeof part === "string" ? part : (JSON.stringify(part) ?? "")] as const,
  );
  return Buffer.from(new URLSearchParams(entries.map(([name, part]) => [name, part])).toString());
}

export function fromForm(body: Buffer): Readonly<Record<string, string>> {
  return Object.fromEntries(new URLSearchParams(body.toString()));
}

export const FORM = "application/x-www-form-urlencoded";
