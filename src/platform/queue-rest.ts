import { MINUTE_MS } from "./time.ts";

/** How long a queue that has refused is left alone at first, and at most. In between it doubles. */
const FIRST_PAUSE_MS = 15_000;
const LONGEST_PAUSE_MS = 15 * MINUTE_MS;

/** Leaves a queue alone that refuses. Times are milliseconds since the epoch. */
export class QueueRest {
  /** Since when the queue refuses; null while it accepts. */
  #since: number | null = null;
  #until: number | null = null;

  get since(): number | null {
    return this.#since;
  }

  /** When to ask again; null for at once. */
  get until(): number | null {
    return this.#until;
  }

  isOver(now: number): boolean {
    return this.#until === null || this.#until <= now;
  }

  /** The pause is shorter by up to a quarter, at random: an outage makes many objects wait. */
  begin(now: number, since = this.#since ?? now): void {
    this.#since = since;
    const pause = Math.min(now - since + FIRST_PAUSE_MS, LONGEST_PAUSE_MS);
    this.#until = Math.ceil(now + pause * (1 - Math.random() / 4));
  }

  /** Lets the queue be asked again now; it still counts as refusing. */
  interrupt(): void {
    this.#until = null;
  }

  end(): void {
    this.#since = null;
    this.#until = null;
  }
}
