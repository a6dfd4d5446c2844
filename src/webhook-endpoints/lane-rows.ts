import type { Event } from "../events/event.ts";
import { chunksOf } from "../platform/chunks.ts";
import { log } from "../platform/log.ts";
import { assertKnownVersion } from "../platform/record-version.ts";
import { DAY_MS, HOUR_MS } from "../platform/time.ts";
import { DELIVERED_DAYS } from "./delivery.ts";
import { KnownEvents } from "./lane-known.ts";
import type { Waiting } from "./lane-queue.ts";
import { type EventRow, extendRow, newRow, ROW_VERSION, spell, timeOf } from "./lane-row.ts";
import type { EventSeal } from "./lane-seal.ts";
import type { Attempt } from "./post.ts";

/** Events as a batch that failed stores them. */
export interface StoredEvents {
  readonly sealed: Uint8Array;
  readonly count: number;
  /** The places of events that were replayed. */
  readonly moved: readonly number[];
}

/** A row with events that are not delivered yet. */
interface OpenRow {
  stored: EventRow;
  /** How many of its events are neither delivered nor moved. */
  left: number;
}

const ROW = "h/";
/** Above every key of a row. */
const AFTER_ROWS = "h0";
const HELD = "w/";

const DELIVERED_KEPT_MS = DELIVERED_DAYS * DAY_MS;

/** After the object was out of memory, a repeated event is recognized among so many of the last hour. */
const KNOWN_EVENTS = 20_000;
const KNOWN_MS = HOUR_MS;

/**
 * The events of a lane in its object's storage, about a hundred a row: written when they are handed over, once more
 * when all of them are delivered, and deleted a week later. A crash in between forgets which events of an unfinished row
 * were delivered, and those are sent again.
 */
export class LaneRows {
  readonly #kv: SyncKvStorage;
  readonly #seal: EventSeal;
  /** The unfinished rows in memory, oldest first. */
  readonly #open = new Map<string, OpenRow>();
  /** The newest row, while it is unfinished and has room. */
  #tail: string | null = null;
  /** Unfinished rows from this key on are not in memory; null when all are. */
  #unreadFrom: string | null = null;
  #lastAt = 0;
  readonly #known = new KnownEvents();

  constructor(kv: SyncKvStorage, seal: EventSeal) {
    this.#kv = kv;
    this.#seal = seal;
    let known = 0;
    for (const [key, row] of kv.list<EventRow>({ prefix: ROW, reverse: true })) {
      assertKnownVersion("lane", row.version, ROW_VERSION);
      if (this.#lastAt === 0) [this.#lastAt, this.#unreadFrom] = [timeOf(key), row.floor];
      if (known >= KNOWN_EVENTS || timeOf(key) < Date.now() - KNOWN_MS) break;
      this.#known.addDigests(row.digests);
      known += row.count;
    }
    for (const [key, row] of this.held()) {
      this.sawTime(timeOf(key));
      this.#known.addDigests(row.digests);
    }
  }

  /** Whether rows wait in storage that are not in memory. */
  get hasUnread(): boolean {
    return this.#unreadFrom !== null;
  }

  /** Keeps what is appended next out of the newest row. */
  closeTail(): void {
    this.#tail = null;
  }

  /** The row of a time. */
  find(at: number): readonly [string, EventRow] | null {
    const key = `${ROW}${spell(at)}`;
    const stored = this.#open.get(key)?.stored ?? this.#kv.get<EventRow>(key);
    return stored === undefined ? (this.held().find(([held]) => timeOf(held) === at) ?? null) : [key, stored];
  }

  /** Records that an event of a finished row was replayed. */
  replace(key: string, row: EventRow, place: number): void {
    this.#kv.put<EventRow>(key, { ...row, moved: [...row.moved, place] });
  }

  /** A time that no other key of this lane has; later than those before. */
  nextTime(): number {
    this.#lastAt = Math.max(Date.now(), this.#lastAt + 1);
    return this.#lastAt;
  }

  /** The time that was given last. */
  get lastTime(): number {
    return this.#lastAt;
  }

  /** Keeps {@link nextTime} ahead of a key that was written elsewhere. */
  sawTime(at: number): void {
    this.#lastAt = Math.max(this.#lastAt, at);
  }

  /** The events that were not stored before, as far as is remembered. */
  unknown(events: readonly Event[]): readonly Event[] {
    return this.#known.unknown(events);
  }

  /**
   * Stores events at the end.
   *
   * @param mayWait Leaves them in storage, until {@link read}.
   * @returns Those to wait in memory; none of those that are left in storage.
   */
  append(events: readonly Event[], mayWait: boolean): readonly Waiting[] {
    return [...chunksOf(events)].flatMap((chunk) => this.#appendRow(chunk, mayWait));
  }

  #appendRow(events: readonly Event[], mayWait: boolean): readonly Waiting[] {
    const sealed = this.#seal.seal(events);
    const digests = this.#known.add(events);
    // A row in memory takes no events that are left in storage, and one that is not the newest takes no later ones.
    const tail = this.#tail === null || mayWait || this.hasUnread ? undefined : this.#open.get(this.#tail);
    const extended = tail && extendRow(tail.stored, sealed, events.length, digests);
    if (this.#tail !== null && tail && extended) {
      const first = tail.stored.count;
      tail.stored = extended;
      tail.left += events.length;
      return this.#stored(this.#tail, extended, events, first);
    }
    const key = `${ROW}${spell(this.nextTime())}`;
    const stored = newRow(this.#oldestUnfinished ?? key, sealed, events.length, digests);
    if (mayWait || this.hasUnread) {
      this.#unreadFrom ??= key;
      this.#stored(key, stored, [], 0);
      return [];
    }
    this.#open.set(key, { stored, left: stored.count });
    this.#tail = key;
    return this.#stored(key, stored, events, 0);
  }

  #stored(key: string, row: EventRow, events: readonly Event[], first: number): readonly Waiting[] {
    this.#kv.put(key, row);
    return events.map((event, index) => this.#toWaiting(event, key, first + index, Date.now()));
  }

  /** Reads the oldest rows that are not in memory, one after another, for as long as their events are wanted. */
  *read(): Generator<readonly Waiting[]> {
    while (this.#unreadFrom !== null) {
      const [next] = this.#kv.list<EventRow>({ start: this.#unreadFrom, end: AFTER_ROWS, limit: 1 });
      if (next === undefined) {
        this.#unreadFrom = null;
        return;
      }
      const [key, row] = next;
      this.#unreadFrom = `${key}/`;
      if (row.finished !== null) continue;
      this.#tail = key;
      yield this.#load(key, row);
    }
  }

  #load(key: string, stored: EventRow): readonly Waiting[] {
    const moved = new Set(stored.moved);
    const waiting = this.openEvents(stored).flatMap((event, place) =>
      event === null || moved.has(place) ? [] : [this.#toWaiting(event, key, place, timeOf(key))],
    );
    if (waiting.length > 0) this.#open.set(key, { stored, left: waiting.length });
    else this.#finish(key, stored, { status: null, durationMs: 0, at: Date.now() });
    return waiting;
  }

  #toWaiting(event: Event, row: string, place: number, arrivedAt: number): Waiting {
    return { event, orderKey: this.#seal.orderKeyOf(event), arrivedAt, row, place };
  }

  /** The events of a row by their places; null for those whose `SECRET_KEY` is no longer configured. */
  openEvents({ sealed, count }: Pick<EventRow, "sealed" | "count">): readonly (Event | null)[] {
    try {
      return sealed.flatMap((part) => this.#seal.open(part));
    } catch (error) {
      log("error", "Events of a webhook endpoint's lane cannot be decrypted", { error: String(error) });
      return Array.from({ length: count }, () => null);
    }
  }

  /** Records that events were delivered. Their rows are written when they have no other left. */
  deliver(events: readonly Waiting[], { status, durationMs }: Attempt): void {
    this.#take(events, { status, durationMs, at: Date.now() }, false);
  }

  /** Records that events are stored elsewhere by now. */
  move(events: readonly Waiting[]): void {
    this.#take(events, { status: null, durationMs: 0, at: Date.now() }, true);
  }

  #take(events: readonly Waiting[], result: NonNullable<EventRow["finished"]>, areMoved: boolean): void {
    const touched = new Map<string, OpenRow>();
    for (const { row: key, place } of events) {
      const row = this.#open.get(key);
      if (row === undefined) continue;
      row.left -= 1;
      if (areMoved) row.stored = { ...row.stored, moved: [...row.stored.moved, place] };
      if (areMoved || row.left === 0) touched.set(key, row);
    }
    for (const [key, row] of touched) {
      if (row.left === 0) this.#finish(key, row.stored, result);
      else this.#kv.put(key, row.stored);
    }
  }

  #finish(key: string, stored: EventRow, finished: NonNullable<EventRow["finished"]>): void {
    this.#open.delete(key);
    if (this.#tail === key) this.#tail = null;
    const joined = `${ROW}${spell(timeOf(key))}`;
    if (joined === key) {
      this.#kv.put<EventRow>(key, { ...stored, finished });
    } else {
      // It waited for a batch, and joins the rows that did not.
      this.#kv.delete(key);
      this.#kv.put<EventRow>(joined, { ...stored, finished, floor: this.#oldestUnfinished ?? joined });
    }
    // So that the daily run has little to delete.
    this.deleteOld(Date.now() - DELIVERED_KEPT_MS, 2);
  }

  get #oldestUnfinished(): string | null {
    return [...this.#open.keys()].find((open) => open.startsWith(ROW)) ?? this.#unreadFrom;
  }

  /** Deletes the oldest rows that came before a time and are delivered. Returns how many. */
  deleteOld(before: number, limit: number): number {
    const rows = [...this.#kv.list<EventRow>({ prefix: ROW, end: `${ROW}${spell(before)}`, limit })];
    const old = rows.filter(([, { finished }]) => finished !== null);
    for (const [key] of old) this.#kv.delete(key);
    return old.length;
  }

  /** Stores events behind a batch that failed, until it is over. */
  hold(batch: number, events: readonly Event[]): void {
    for (const chunk of chunksOf(events)) {
      const row = newRow("", this.#seal.seal(chunk), chunk.length, this.#known.add(chunk));
      this.#kv.put(`${HELD}${spell(batch)}/${spell(this.nextTime())}`, row);
    }
  }

  /** Stores the events of a batch that failed before those that wait behind it, to leave anew. */
  holdFirst(batch: number, { sealed, count, moved }: StoredEvents): void {
    this.#kv.put(`${HELD}${spell(batch)}/${spell(batch)}`, newRow("", sealed, count, "", moved));
  }

  /** Reads what waited behind a batch that is over. */
  release(batch: number): readonly Waiting[] {
    return this.#releaseFrom([...this.#kv.list<EventRow>({ prefix: `${HELD}${spell(batch)}/` })]);
  }

  /** Reads what waited behind any batch that is over. */
  releaseAll(isOver: (batch: number) => boolean): readonly Waiting[] {
    const isReleased = ([key]: readonly [string, EventRow]) => isOver(Number(key.split("/")[1]));
    return this.#releaseFrom(this.held().filter(isReleased));
  }

  #releaseFrom(rows: readonly (readonly [string, EventRow])[]): readonly Waiting[] {
    return rows.flatMap(([key, row]) => (this.#open.has(key) ? [] : this.#load(key, row)));
  }

  /** The rows that wait behind a batch that failed. */
  held(): readonly (readonly [string, EventRow])[] {
    return [...this.#kv.list<EventRow>({ prefix: HELD })];
  }

  /** The rows up to a time, newest first. */
  newest(until: number): Iterable<[string, EventRow]> {
    return this.#kv.list<EventRow>({ prefix: ROW, end: `${ROW}${spell(until + 1)}`, reverse: true });
  }
}
