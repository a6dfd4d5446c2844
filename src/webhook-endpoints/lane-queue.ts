import { Buffer } from "node:buffer";
import type { Event } from "../events/event.ts";
import type { BatchSettings } from "./batch-settings.ts";

/** An event in a lane, stored at a place of a row. */
export interface Waiting {
  readonly event: Event;
  /** Events with the same key leave in order. */
  readonly orderKey: string;
  /** When it came to the lane, in milliseconds since the epoch. */
  readonly arrivedAt: number;
  readonly row: string;
  readonly place: number;
}

/** A batch that fails is stored as one value, of which an object takes 2 MB ("Durable Objects, Limits"). */
const MAX_BATCH_BYTES = 1_900_000;

/**
 * The events of a lane that wait for their first attempt, in order. Several batches leave side by side, so a number
 * whose event is on its way is held back: a later event of it never overtakes.
 */
export class LaneQueue {
  #waiting: Waiting[] = [];
  readonly #underway = new Set<string>();

  get size(): number {
    return this.#waiting.length;
  }

  push(events: readonly Waiting[]): void {
    for (const event of events) this.#waiting.push(event);
  }

  /** For events that waited for an earlier batch of their number. */
  pushFirst(events: readonly Waiting[]): void {
    this.#waiting = [...events, ...this.#waiting];
  }

  /** When the next batch is to leave, in milliseconds since the epoch; null when no event can. */
  dueAt({ maxEvents, maxWaitMs }: BatchSettings): number | null {
    const free = this.#waiting.filter(({ orderKey }) => !this.#underway.has(orderKey));
    const [oldest] = free;
    if (oldest === undefined) return null;
    return free.length >= maxEvents ? 0 : oldest.arrivedAt + maxWaitMs;
  }

  /** Takes the next batch, with fewer events where they are large. Its numbers are held back until {@link release}. */
  take(maxEvents: number): readonly Waiting[] {
    const taken: Waiting[] = [];
    const left: Waiting[] = [];
    let bytes = 0;
    let isFull = false;
    for (const waiting of this.#waiting) {
      const isFree: boolean = !isFull && !this.#underway.has(waiting.orderKey);
      if (isFree) bytes += Buffer.byteLength(JSON.stringify(waiting.event));
      const fits: boolean = isFree && (taken.length === 0 || bytes <= MAX_BATCH_BYTES);
      (fits ? taken : left).push(waiting);
      isFull ||= taken.length === maxEvents || (isFree && !fits);
    }
    this.#waiting = left;
    for (const { orderKey } of taken) this.#underway.add(orderKey);
    return taken;
  }

  release(batch: readonly Waiting[]): void {
    for (const { orderKey } of batch) this.#underway.delete(orderKey);
  }

  /** Removes the events of some numbers, in order. */
  remove(orderKeys: ReadonlySet<string>): readonly Waiting[] {
    const removed = this.#waiting.filter(({ orderKey }) => orderKeys.has(orderKey));
    if (removed.length > 0) this.#waiting = this.#waiting.filter(({ orderKey }) => !orderKeys.has(orderKey));
    return removed;
  }
}
