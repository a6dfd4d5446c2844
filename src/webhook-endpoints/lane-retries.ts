import type { Event } from "../events/event.ts";
import { log } from "../platform/log.ts";
import { assertKnownVersion } from "../platform/record-version.ts";
import { MAX_ATTEMPTS, nextAttemptAt } from "./delivery.ts";
import { ROW_VERSION, spell, timeOf } from "./lane-row.ts";
import type { StoredEvents } from "./lane-rows.ts";
import type { EventSeal } from "./lane-seal.ts";
import type { Result } from "./post.ts";

/** A batch that has failed at least once. Its events are stored here, and no longer in the rows that they came in. */
export interface RetriedBatch extends StoredEvents {
  readonly version: number;
  readonly status: "pending" | "delivered" | "failed";
  readonly attempts: number;
  readonly nextAttemptAt: number | null;
  readonly lastStatus: number | null;
  readonly lastError: string | null;
  readonly durationMs: number;
  readonly updatedAt: number;
}

/** A batch that is to be attempted again. */
export interface Retry {
  /** When it first failed; it names the batch. */
  readonly at: number;
  readonly stored: RetriedBatch;
  readonly events: readonly Event[];
}

const PENDING = "r/";
const OVER = "f/";

/** The batches of a lane that failed, in its object's storage: those to be attempted again, and those that are over. */
export class LaneRetries {
  readonly #kv: SyncKvStorage;
  readonly #seal: EventSeal;
  readonly #pending = new Map<number, Retry>();
  /** The batch that each number waits for. */
  readonly #byOrderKey = new Map<string, Retry>();

  constructor(kv: SyncKvStorage, seal: EventSeal) {
    this.#kv = kv;
    this.#seal = seal;
    for (const [key, stored] of kv.list<RetriedBatch>({ prefix: PENDING })) {
      assertKnownVersion("lane", stored.version, ROW_VERSION);
      const at = timeOf(key);
      this.#set({ at, stored, events: this.openEvents(stored) });
    }
  }

  get size(): number {
    return this.#pending.size;
  }

  /** How many events the batches that are to be attempted again have in memory. */
  get eventCount(): number {
    return [...this.#pending.values()].reduce((sum, { events }) => sum + events.length, 0);
  }

  /** The newest time that names a batch. */
  get lastAt(): number {
    const newest = [PENDING, OVER].flatMap((prefix) => [
      ...this.#kv.list({ prefix, reverse: true, limit: 1 }),
    ]);
    return Math.max(0, ...newest.map(([key]) => timeOf(key)));
  }

  /** When the last attempt of a batch that is to be attempted again ended; 0 without one. */
  get lastAttemptAt(): number {
    return Math.max(0, ...[...this.#pending.values()].map(({ stored }) => stored.updatedAt));
  }

  /** The batch that a number waits for; undefined when it waits for none. */
  of(orderKey: string): Retry | undefined {
    return this.#byOrderKey.get(orderKey);
  }

  has(at: number): boolean {
    return this.#pending.has(at);
  }

  /** The batch whose turn is next among those that are not underway. */
  next(underway: ReadonlySet<number>): Retry | undefined {
    const waiting = [...this.#pending.values()].filter(({ at }) => !underway.has(at));
    return waiting.toSorted((a, b) => (a.stored.nextAttemptAt ?? 0) - (b.stored.nextAttemptAt ?? 0))[0];
  }

  /** Stores a batch after its first attempt. Unless that was final, its numbers wait for it. */
  add(at: number, events: readonly Event[], result: Result): Retry {
    const sealed = this.#seal.seal(events);
    return this.#store({ at, events }, { sealed, count: events.length, moved: [] }, 1, result, true);
  }

  /**
   * Records another attempt.
   *
   * @param counts Whether it was one of the schedule.
   * @returns Whether the batch is over.
   */
  record(retry: Retry, result: Result, counts: boolean): boolean {
    const attempts = retry.stored.attempts + (counts ? 1 : 0);
    return this.#store(retry, retry.stored, attempts, result, counts).stored.status !== "pending";
  }

  #store(
    { at, events }: Pick<Retry, "at" | "events">,
    { sealed, count, moved }: StoredEvents,
    attempts: number,
    { delivered, isFinal, status, error, durationMs }: Result,
    counts: boolean,
  ): Retry {
    const now = Date.now();
    const former = this.#pending.get(at)?.stored.nextAttemptAt ?? null;
    const scheduled = counts ? nextAttemptAt(attempts, now) : former;
    const next = delivered || isFinal || attempts >= MAX_ATTEMPTS ? null : scheduled;
    const stored: RetriedBatch = {
      version: ROW_VERSION,
      sealed,
      count,
      moved,
      status: delivered ? "delivered" : next === null ? "failed" : "pending",
      attempts,
      nextAttemptAt: next,
      lastStatus: status,
      lastError: error,
      durationMs,
      updatedAt: now,
    };
    const retry = { at, stored, events };
    if (next === null) {
      this.forget(at);
      this.#kv.put(`${OVER}${spell(at)}`, stored);
    } else {
      this.#kv.put(`${PENDING}${spell(at)}`, stored);
      this.#set(retry);
    }
    return retry;
  }

  /** Removes a batch that was pending. */
  forget(at: number): void {
    const retry = this.#pending.get(at);
    if (retry === undefined) return;
    this.#pending.delete(at);
    for (const event of retry.events) this.#byOrderKey.delete(this.#seal.orderKeyOf(event));
    this.#kv.delete(`${PENDING}${spell(at)}`);
  }

  /** Makes every batch due: the endpoint answers again. */
  hasten(now: number): void {
    for (const { at, stored, events } of this.#pending.values()) {
      const nextAttemptAt = Math.min(now, stored.nextAttemptAt ?? now);
      this.#set({ at, events, stored: { ...stored, nextAttemptAt } });
    }
  }

  #set(retry: Retry): void {
    this.#pending.set(retry.at, retry);
    for (const event of retry.events) this.#byOrderKey.set(this.#seal.orderKeyOf(event), retry);
  }

  /** The events of a batch that were not replayed; none where their `SECRET_KEY` is no longer configured. */
  openEvents(stored: RetriedBatch): readonly Event[] {
    const moved = new Set(stored.moved);
    return this.openAll(stored).filter((_, place) => !moved.has(place));
  }

  /** The events of a batch by their places. */
  openAll({ sealed }: RetriedBatch): readonly Event[] {
    try {
      return this.#seal.open(sealed);
    } catch (error) {
      log("error", "Events of a webhook endpoint's batch cannot be decrypted", { error: String(error) });
      return [];
    }
  }

  /** The batches up to a time, newest first: those that are to be attempted again, or those that are over. */
  newest(kind: "pending" | "over", until: number): Iterable<[string, RetriedBatch]> {
    const prefix = kind === "pending" ? PENDING : OVER;
    return this.#kv.list<RetriedBatch>({ prefix, end: `${prefix}${spell(until + 1)}`, reverse: true });
  }

  /** A batch that is over, by its time. */
  find(at: number): readonly [string, RetriedBatch] | null {
    const key = `${OVER}${spell(at)}`;
    const stored = this.#kv.get<RetriedBatch>(key);
    return stored === undefined ? null : [key, stored];
  }

  /** The oldest batch from a time on that has failed for good. One at a time: a thousand of them would fill the memory. */
  nextFailed(since: number): readonly [string, RetriedBatch] | null {
    const range = { prefix: OVER, start: `${OVER}${spell(since)}` };
    for (const [key, stored] of this.#kv.list<RetriedBatch>(range)) {
      if (stored.status === "failed") return [key, stored];
    }
    return null;
  }

  /** Records that events of a batch that is over were replayed; without others left it is deleted. */
  replace(key: string, stored: RetriedBatch, places: readonly number[]): void {
    const moved = [...new Set([...stored.moved, ...places])];
    if (moved.length === stored.count) this.#kv.delete(key);
    else this.#kv.put(key, { ...stored, moved });
  }

  /** Deletes batches that were delivered, or failed for good, before these times. Returns how many. */
  deleteOld(deliveredBefore: number, failedBefore: number, limit: number): number {
    const old: string[] = [];
    for (const [key, { status, updatedAt }] of this.#kv.list<RetriedBatch>({ prefix: OVER })) {
      if (updatedAt < (status === "failed" ? failedBefore : deliveredBefore)) old.push(key);
      if (old.length === limit) break;
    }
    for (const key of old) this.#kv.delete(key);
    return old.length;
  }
}
