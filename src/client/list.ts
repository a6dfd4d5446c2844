/** One page of a list. */
export interface Page<Entry> {
  data: Entry[];
  /** The `after` of the page that follows; null on the last one. */
  next: string | null;
}

/**
 * A list that is read page by page, when it is iterated:
 *
 * ```ts
 * for await (const verification of sandi.verifications.list({ status: "pending" })) …
 * ```
 */
export class List<Entry> implements AsyncIterable<Entry> {
  readonly #load: (after: string | undefined) => Promise<Page<Entry>>;
  readonly #after: string | undefined;

  /** @param after Where to begin; the beginning of the list unless given. */
  constructor(load: (after: string | undefined) => Promise<Page<Entry>>, after?: string) {
    this.#load = load;
    this.#after = after;
  }

  /** Reads the first page only, or the one that `after` of the query names. */
  page(): Promise<Page<Entry>> {
    return this.#load(this.#after);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Entry, void, undefined> {
    let after: string | null | undefined = this.#after;
    do {
      const page: Page<Entry> = await this.#load(after);
      yield* page.data;
      after = page.next;
    } while (after !== null);
  }
}
