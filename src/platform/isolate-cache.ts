import type { MaybePromise } from "./maybe-promise.ts";

/** How long a request waits for another one's first reading before it reads itself, and how often it looks. */
const PATIENCE_MS = 500;
const LOOK_EVERY_MS = 25;

/**
 * A value that an isolate knows by heart and freshens in the background, so that no request waits for it but
 * the first. Requests do not share a read: one that ends early would take it along.
 */
export class IsolateCache<Value> {
  readonly #read: () => Promise<Value>;
  readonly #freshMs: number;
  #known: { readonly value: Value } | null = null;
  /** When the newest reading began, in milliseconds since the epoch. */
  #readAt = Number.NEGATIVE_INFINITY;

  /**
   * @param read Must not reject; what it answers in a fault is remembered as anything else.
   * @param freshMs How old a value gets before whoever asks has it read anew.
   */
  constructor(read: () => Promise<Value>, freshMs: number) {
    this.#read = read;
    this.#freshMs = freshMs;
  }

  /** @param background Takes the refresh of a value that is given at once. */
  get(background: (work: Promise<unknown>) => void): MaybePromise<Value> {
    const known = this.#known;
    if (known === null) return this.#first();
    if (Date.now() - this.#readAt >= this.#freshMs) background(this.#refresh());
    return known.value;
  }

  /** Forgets the value: whoever asks next waits for a new reading. */
  expire(): void {
    this.#known = null;
    this.#readAt = Number.NEGATIVE_INFINITY;
  }

  async #first(): Promise<Value> {
    for (let waited = 0; this.#isBeingRead() && waited < PATIENCE_MS; waited += LOOK_EVERY_MS) {
      await new Promise((resume) => setTimeout(resume, LOOK_EVERY_MS));
    }
    return this.#known === null ? this.#refresh() : this.#known.value;
  }

  #isBeingRead(): boolean {
    return this.#known === null && this.#readAt > Number.NEGATIVE_INFINITY;
  }

  async #refresh(): Promise<Value> {
    this.#readAt = Date.now();
    const value = await this.#read();
    this.#known = { value };
    return value;
  }
}
