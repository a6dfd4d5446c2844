import type { Event } from "../events/event.ts";
import { LaneQueue, type Waiting } from "./lane-queue.ts";
import { LaneRetries, type Retry } from "./lane-retries.ts";
import { LaneRows } from "./lane-rows.ts";
import type { EventSeal } from "./lane-seal.ts";
import type { Result } from "./post.ts";

/** Events in memory: as many as the largest batches of all posts have. */
const MAX_IN_MEMORY = 6_000;

/**
 * The events of a lane, in its object's storage and in memory: in rows as they came, in batches that failed, and in rows
 * behind such a batch, where they have the same number. Every change is one synchronous step.
 */
export class LaneEvents {
  readonly rows: LaneRows;
  readonly retries: LaneRetries;
  readonly queue = new LaneQueue();
  readonly #seal: EventSeal;

  constructor(kv: SyncKvStorage, seal: EventSeal) {
    this.#seal = seal;
    this.rows = new LaneRows(kv, seal);
    this.retries = new LaneRetries(kv, seal);
    this.rows.sawTime(this.retries.lastAt);
    // What a batch that is over has released comes before what was stored later.
    this.queue.push(this.rows.releaseAll((batch) => !this.retries.has(batch)));
    this.fill();
  }

  /** Stores events, to leave after those before them. */
  enter(events: readonly Event[]): void {
    if (this.rows.hasUnread || this.queue.size >= MAX_IN_MEMORY) {
      this.rows.append(events, true);
      return;
    }
    const { free, held } = this.#split(events, this.#seal.orderKeyOf);
    this.queue.push(this.rows.append(free, false));
    for (const [batch, behind] of held) this.rows.hold(batch, behind);
  }

  /** Brings events from storage to memory, where there is room. */
  fill(): void {
    if (!this.rows.hasUnread || this.queue.size > MAX_IN_MEMORY / 2) return;
    for (const waiting of this.rows.read()) {
      const { free, held } = this.#split(waiting, ({ orderKey }) => orderKey);
      this.queue.push(free);
      for (const [batch, behind] of held) this.#moveBehind(batch, behind);
      if (this.queue.size >= MAX_IN_MEMORY) return;
    }
  }

  /** Records that a batch was delivered at its first attempt. */
  deliver(waiting: readonly Waiting[], result: Result): void {
    this.rows.deliver(waiting, result);
    this.queue.release(waiting);
  }

  /** Stores a batch after its first attempt. Unless that was final, later events of its numbers wait behind it. */
  fail(waiting: readonly Waiting[], result: Result): void {
    const events = waiting.map(({ event }) => event);
    const { at, stored } = this.retries.add(this.rows.nextTime(), events, result);
    this.rows.move(waiting);
    this.queue.release(waiting);
    if (stored.status !== "pending") return;
    const behind = this.queue.remove(new Set(waiting.map(({ orderKey }) => orderKey)));
    if (behind.length > 0) this.#moveBehind(at, behind);
  }

  /**
   * Records another attempt of a batch; when that was the last, what waits behind it is free.
   *
   * @param counts Whether it was one of the schedule.
   */
  record(retry: Retry, result: Result, counts: boolean): void {
    if (this.retries.record(retry, result, counts)) this.#release(retry);
  }

  /** Lets the events of a failed batch leave anew, before those that wait behind it. */
  dissolve(retry: Retry): void {
    this.rows.holdFirst(retry.at, retry.stored);
    this.retries.forget(retry.at);
    this.#release(retry);
  }

  #release({ at }: Retry): void {
    this.queue.pushFirst(this.rows.release(at));
  }

  /** Separates what has to wait for a failed batch of its number. */
  #split<Item>(items: readonly Item[], orderKeyOf: (item: Item) => string) {
    const free: Item[] = [];
    const held = new Map<number, Item[]>();
    for (const item of items) {
      const batch = this.retries.of(orderKeyOf(item))?.at;
      if (batch === undefined) free.push(item);
      else held.set(batch, [...(held.get(batch) ?? []), item]);
    }
    return { free, held };
  }

  #moveBehind(batch: number, waiting: readonly Waiting[]): void {
    const events = waiting.map(({ event }) => event);
    this.rows.move(waiting);
    this.rows.hold(batch, events);
  }
}
