import { log } from "./log.ts";
import { assertKnownVersion, runAlarm } from "./record-version.ts";

/** How long an object waits after a failed queue send before it tries again. */
const QUEUE_RETRY_MS = 15_000;

const SOONEST_ALARM_MS = 1_000;

const KEY = "record";

/** A record whose decisions store the events and jobs that they cause until a queue has them. */
interface WithOutbox<Item> {
  readonly outbox: readonly Item[];
}

/** What differs between the kinds of objects. */
export interface RecordRules<State, Item> {
  /** The kind of object, for the log. */
  readonly kind: string;
  /** The version that is written. A record of a newer one is refused. */
  readonly version: number;
  /**
   * Reads the state of an earlier version; without it, older versions differ only by fields that were added.
   *
   * @param version Undefined in a record from before records had versions.
   */
  upgrade?(state: unknown, version: number | undefined): Partial<State>;
  /** The state where nothing is stored. */
  readonly empty: State;
  /** True when nothing is left that a later call could ask for. */
  isForgotten(state: State): boolean;
  /** When the alarm is due, in milliseconds since the epoch; null for never. */
  nextDue(state: State): number | null;
  /** The item's key, the same however often it is handed over. */
  keyOf(item: Item): string;
  /** An event leaves the record once its queue has it, a job when a decision finds it done. */
  isJob(item: Item): boolean;
  /** Sends items to their queues; rejects when a queue refuses them. */
  enqueue(items: readonly Item[]): Promise<void>;
  readonly confirmation?: DeliveryConfirmation<Item>;
}

/**
 * Finds out whether an event has arrived at its consumer. Such events need no write of their own when the
 * queue has accepted them, which would be a row each: the next write drops them.
 */
export interface DeliveryConfirmation<Item> {
  isConfirmable(item: Item): boolean;
  /** The keys of the items that have arrived. Rejects when that cannot be determined. */
  findConfirmed(items: readonly Item[]): Promise<ReadonlySet<string>>;
}

/** The one stored value. A single key, so that a step writes one row. */
interface Stored<State> {
  /** Undefined in a record from before records had versions. */
  readonly version: number | undefined;
  readonly state: State;
  /** When the only alarm is set for, so that a step need not read it; null or past when none is set. */
  readonly alarmAt: number | null;
}

/**
 * Where an outbox item is. `unknown`: an earlier instance of this object may have handed it over. `inFlight`:
 * on its way to the queue. `acknowledged`: accepted by the queue.
 */
type HandoffState = "unknown" | "inFlight" | "acknowledged";

/**
 * A Durable Object's one record. Each step is synchronous (load, decide, store), so nothing can come between
 * a read and its write; the platform holds every answer until the write is durable. The value last read or
 * written is cached in memory: no other writer exists, and a failed write resets the object and its memory.
 */
export class DurableRecord<State extends WithOutbox<Item>, Item> {
  readonly #ctx: DurableObjectState;
  readonly #rules: RecordRules<State, Item>;
  #stored: Stored<State> | null = null;
  /** By the items' keys. An item that is not listed has not been tried yet. */
  readonly #handoffStates = new Map<string, HandoffState>();

  constructor(ctx: DurableObjectState, rules: RecordRules<State, Item>) {
    this.#ctx = ctx;
    this.#rules = rules;
  }

  /** The current state. Throws for a record of an unknown newer version, as every other call does. */
  get state(): State {
    return this.#load().state;
  }

  /** Decides on the state, stores the result, and hands over the events and jobs that it causes. */
  step<Outcome>(
    decide: (state: State, now: number) => { readonly state: State; readonly outcome: Outcome },
  ): Outcome {
    // Events that a queue has are of no use to a decision, and would count towards the record's size.
    const before = this.#withoutAcknowledged(this.state);
    const { state, outcome } = decide(before, Date.now());
    if (state !== before) this.#store(state);
    if (this.#untried().length > 0) this.#ctx.waitUntil(this.#handOver());
    return outcome;
  }

  /**
   * The alarm's step: its outcome is the items to hand over again. Also hands over what a crash or a queue's
   * outage left in the outbox, and deletes the record once nothing of it is needed.
   */
  onAlarm(
    decide: (state: State, now: number) => { readonly state: State; readonly outcome: readonly Item[] },
  ): Promise<void> {
    return runAlarm(this.#ctx.storage, async () => {
      await this.#confirm();
      const { state: before } = this.#load();
      const { state, outcome: overdue } = decide(before, Date.now());
      this.#mark(overdue, null);
      if (this.#isForgotten(state)) return this.#forget();
      this.#cache(before, null);
      // The alarm alone is one row; together with the record it would be two.
      if (state === before) this.#cache(state, this.#setAlarm(state));
      else this.#store(state);
      await this.#handOver();
      // Events that waited for a queue may have been the last reason to keep the record.
      if (this.#isForgotten(this.state)) await this.#forget();
    });
  }

  /**
   * Sends the untried items to their queues, after the step and without delaying its answer. Until a queue has
   * them they are as durable as the decision, and the next call or the alarm tries again.
   */
  async #handOver(): Promise<void> {
    const { isJob, enqueue, confirmation } = this.#rules;
    const items = this.#untried();
    if (items.length === 0) return;
    this.#mark(items, "inFlight");
    try {
      await enqueue(items);
      this.#mark(items, "acknowledged");
      // The next write drops them. Only events that cannot be confirmed later need a write now.
      if (items.some((item) => !isJob(item) && !confirmation?.isConfirmable(item))) this.#store(this.state);
    } catch (error) {
      this.#mark(items, null);
      log("warn", "Queue send failed", { count: items.length, error: String(error) });
      this.#store(this.state, Date.now() + QUEUE_RETRY_MS);
    }
  }

  /** Finds out which of the events that an earlier instance left in the record have arrived. */
  async #confirm(): Promise<void> {
    const { keyOf, confirmation } = this.#rules;
    const unknown = this.state.outbox.filter((item) => this.#handoffStates.get(keyOf(item)) === "unknown");
    if (unknown.length === 0) return;
    const confirmed = await confirmation?.findConfirmed(unknown).catch(() => null);
    for (const item of unknown) this.#mark([item], confirmed?.has(keyOf(item)) ? "acknowledged" : null);
  }

  #untried(): readonly Item[] {
    return this.state.outbox.filter((item) => !this.#handoffStates.has(this.#rules.keyOf(item)));
  }

  #mark(items: readonly Item[], handoffState: HandoffState | null): void {
    for (const key of items.map(this.#rules.keyOf)) {
      if (handoffState === null) this.#handoffStates.delete(key);
      else this.#handoffStates.set(key, handoffState);
    }
  }

  #load(): Stored<State> {
    if (this.#stored !== null) return this.#stored;
    const { kind, version, empty, confirmation, upgrade } = this.#rules;
    const stored = this.#ctx.storage.kv.get<Stored<State>>(KEY);
    assertKnownVersion(kind, stored?.version, version);
    const isFormer = stored !== undefined && stored.version !== version && upgrade !== undefined;
    const state = isFormer ? upgrade(stored.state, stored.version) : stored?.state;
    // An older record lacks the fields that were added since.
    const loaded = this.#cache({ ...empty, ...state }, stored?.alarmAt ?? null);
    this.#mark(
      loaded.state.outbox.filter((item) => confirmation?.isConfirmable(item)),
      "unknown",
    );
    return loaded;
  }

  /** @param wakeAt When the alarm is due for a reason that the state does not show. */
  #store(decided: State, wakeAt?: number): void {
    const state = this.#withoutAcknowledged(decided);
    const stored = this.#cache(state, this.#setAlarm(state, wakeAt));
    this.#ctx.storage.kv.put<Stored<State>>(KEY, stored);
  }

  #cache(state: State, alarmAt: number | null): Stored<State> {
    this.#stored = { version: this.#rules.version, state, alarmAt };
    return this.#stored;
  }

  /** Schedules the only alarm; setting one bills a row, so it is only moved earlier. */
  #setAlarm(state: State, wakeAt = Number.POSITIVE_INFINITY): number | null {
    const { alarmAt } = this.#load();
    const now = Date.now();
    // What is overdue has just been tried; a queue that is down is not retried at once.
    const next = this.#rules.nextDue(state);
    const due = Math.min(wakeAt, next === null ? wakeAt : Math.max(next, now + SOONEST_ALARM_MS));
    if (alarmAt !== null && alarmAt > now && alarmAt <= due) return alarmAt;
    if (due === Number.POSITIVE_INFINITY) return null;
    // Not awaited: the output gate holds every answer until this is durable too.
    void this.#ctx.storage.setAlarm(due);
    return due;
  }

  #withoutAcknowledged(state: State): State {
    const { isJob, keyOf } = this.#rules;
    const outbox = state.outbox.filter(
      (item) => isJob(item) || this.#handoffStates.get(keyOf(item)) !== "acknowledged",
    );
    return outbox.length === state.outbox.length ? state : { ...state, outbox };
  }

  #isForgotten(state: State): boolean {
    return this.#rules.isForgotten(this.#withoutAcknowledged(state));
  }

  #forget(): Promise<void> {
    this.#stored = null;
    this.#handoffStates.clear();
    return this.#ctx.storage.deleteAll();
  }
}
