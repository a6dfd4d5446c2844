/** The parameters of a request, from its query or its form. One without a value counts as left out (RFC 6749 section 3.1). */
export class Parameters {
  readonly #values = new Map<string, string>();
  readonly #repeated = new Set<string>();

  constructor(pairs: Iterable<readonly [string, string]>) {
    for (const [name, value] of pairs) {
      if (this.#values.has(name)) this.#repeated.add(name);
      this.#values.set(name, value);
    }
  }

  /** Null for one that is left out, and for one that is given twice. */
  get(name: string): string | null {
    return this.#repeated.has(name) ? null : this.#values.get(name) || null;
  }

  /** The first parameter that is given twice; null where each is given once. */
  get repeated(): string | null {
    const [name = null] = this.#repeated;
    return name;
  }
}

const FORM = "application/x-www-form-urlencoded";

const UTF_8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

/** Reads a form; null for a body that is none, or not in UTF-8. */
export async function readForm(request: Request): Promise<Parameters | null> {
  const [type = ""] = (request.headers.get("content-type") ?? "").split(";");
  if (type.trim().toLowerCase() !== FORM) return null;
  try {
    return new Parameters(new URLSearchParams(UTF_8.decode(await request.arrayBuffer())));
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}
