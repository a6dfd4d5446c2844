import { MINUTE_MS } from "../platform/time.ts";

/** A Worker can have six connections that wait for a response. */
export const MAX_POSTS = 6;

/** After this many failures without a success the endpoint counts as down: it gets one request a minute. */
const DOWN_AFTER = 3;
const PROBE_MS = MINUTE_MS;

const KEY = "failures";

/** How many requests an endpoint gets side by side, by what became of the last ones. */
export class LanePace {
  readonly #kv: SyncKvStorage;
  /** Failures since the last success, up to {@link DOWN_AFTER}. */
  #failures: number;
  #lastPostAt: number;

  constructor(kv: SyncKvStorage, lastPostAt: number) {
    this.#kv = kv;
    this.#failures = kv.get<number>(KEY) ?? 0;
    this.#lastPostAt = lastPostAt;
  }

  get isDown(): boolean {
    return this.#failures >= DOWN_AFTER;
  }

  get maxPosts(): number {
    return this.isDown ? 1 : MAX_POSTS;
  }

  /** When an endpoint that is down gets the next request, in milliseconds since the epoch. */
  get probeAt(): number {
    return this.#lastPostAt + PROBE_MS;
  }

  posted(now: number): void {
    this.#lastPostAt = now;
  }

  /**
   * Counts the result of a request. A row is written for a change only.
   *
   * @returns Whether an endpoint that was down is up again.
   */
  record(delivered: boolean): boolean {
    const wasDown = this.isDown;
    const failures = delivered ? 0 : Math.min(this.#failures + 1, DOWN_AFTER);
    if (failures !== this.#failures) this.#kv.put(KEY, failures);
    this.#failures = failures;
    return wasDown && delivered;
  }
}
