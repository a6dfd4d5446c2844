import type { Background, MaybePromise } from "./async.ts";
import { log } from "./log.ts";

/** How long a request waits for a read that another request has begun, and how often it looks for its result. */
const WAIT_LIMIT_MS = 500;
const POLL_MS = 5;

export interface IsolateCacheOptions<Value> {
  /** Up to this age a value is returned without a read. */
  readonly freshMs: number;
  /** Up to this age a value is returned while it is read again in the background. Unlimited by default. */
  readonly staleMs?: number;
  /** How long after the beginning of a read that has failed the next one may begin. `freshMs` by default. */
  readonly retryMs?: number;
  /** How long a caller waits for a read before it gets the last value. Unlimited by default. */
  readonly timeoutMs?: number;
  /**
   * After a failed read the last value is returned, or this one where there is none, and the message is
   * logged. Without a fallback the read's exception reaches the caller.
   */
  readonly fallback?: { readonly value: Value; readonly message: string };
}

/**
 * A value that an isolate keeps in memory and reads again when it is old.
 *
 * Requests do not share the promise of a read: the runtime cancels a read together with the request that began
 * it, and everyone who awaits the promise would hang. A second request polls for the result instead.
 */
export class IsolateCache<Value> {
  readonly #read: () => Promise<Value>;
  readonly #options: IsolateCacheOptions<Value>;
  #known: { readonly value: Value; readonly readAt: number } | null = null;
  /** When the newest read began, in milliseconds since the epoch. */
  #startedAt = Number.NEGATIVE_INFINITY;
  #isReading = false;
  /** Counts what makes a read under way out of date. */
  #generation = 0;

  constructor(read: () => Promise<Value>, options: IsolateCacheOptions<Value>) {
    this.#read = read;
    this.#options = options;
  }

  /**
   * Returns the value, at once where it is known.
   *
   * @param background Takes the read that replaces a stale value. Without it the caller waits for that read.
   */
  get(background?: Background): MaybePromise<Value> {
    const { freshMs, staleMs = Number.POSITIVE_INFINITY, retryMs = freshMs, fallback } = this.#options;
    const known = this.#known;
    const now = Date.now();
    const age = known === null ? Number.POSITIVE_INFINITY : now - known.readAt;
    if (known !== null && age < freshMs) return known.value;
    const isDue = now - this.#startedAt >= retryMs;
    if (known !== null && background !== undefined && age < staleMs) {
      if (isDue) background(this.#refresh());
      return known.value;
    }
    if (isDue) return this.#refresh();
    if (this.#isReading) return this.#awaitOtherRead();
    return fallback === undefined ? this.#refresh() : this.#lastOr(fallback.value);
  }

  /** Replaces the value by a newer one that the caller has learned elsewhere. */
  set(value: Value): void {
    const now = Date.now();
    this.#known = { value, readAt: now };
    this.#discardReads(now);
  }

  /** Makes the value too old to be returned, except when the next read fails. */
  expire(): void {
    if (this.#known !== null) this.#known = { value: this.#known.value, readAt: Number.NEGATIVE_INFINITY };
    this.#discardReads(Number.NEGATIVE_INFINITY);
  }

  #discardReads(startedAt: number): void {
    this.#startedAt = startedAt;
    this.#isReading = false;
    this.#generation += 1;
  }

  async #awaitOtherRead(): Promise<Value> {
    for (let waited = 0; this.#isReading && waited < WAIT_LIMIT_MS; waited += POLL_MS) await sleep(POLL_MS);
    return this.#isReading ? this.#refresh() : this.get();
  }

  #refresh(): Promise<Value> {
    const { fallback, timeoutMs } = this.#options;
    const reading = this.#readAndKeep();
    if (timeoutMs === undefined || fallback === undefined) return reading;
    return this.#withTimeout(reading, timeoutMs, fallback.value);
  }

  async #readAndKeep(): Promise<Value> {
    const startedAt = Date.now();
    const generation = this.#generation;
    this.#startedAt = startedAt;
    this.#isReading = true;
    try {
      const value = await this.#read();
      if (generation === this.#generation) this.#known = { value, readAt: startedAt };
      return value;
    } catch (error) {
      const { fallback } = this.#options;
      if (fallback === undefined) throw error;
      log("error", fallback.message, { error: String(error) });
      return this.#lastOr(fallback.value);
    } finally {
      if (generation === this.#generation) this.#isReading = false;
    }
  }

  /** A read that comes too late for this caller still counts for the next one. */
  async #withTimeout(reading: Promise<Value>, timeoutMs: number, initial: Value): Promise<Value> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const timeout = new Promise<Value>((resolve) => {
      timer = setTimeout(() => {
        this.#isReading = false;
        resolve(this.#lastOr(initial));
      }, timeoutMs);
    });
    try {
      return await Promise.race([reading, timeout]);
    } finally {
      clearTimeout(timer);
    }
  }

  #lastOr(initial: Value): Value {
    return this.#known === null ? initial : this.#known.value;
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
