import { log } from "./log.ts";
import { QueueRest } from "./queue-rest.ts";
import { assertKnownVersion, runAlarm } from "./record-version.ts";

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
  /**
   * Sends items to their queue, jobs or events; rejects when the queue refuses them.
   *
   * @param repeated The keys of those that an earlier instance of the object may have sent.
   */
  enqueue(items: readonly Item[], repeated: ReadonlySet<string>): Promise<void>;
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
  /**
   * Since when the queue of events refuses: it has none of the outbox. Stored once for an outage, so that an instance that
   * was evicted in it neither asks its consumer for them nor begins the pauses again. Undefined in older records.
   */
  readonly refusedSince: number | null | undefined;
}

/**
 * Where an outbox item is. `unknown`: an earlier instance of this object may have handed it over. `unconfirmed`: the
 * consumer does not have such an item. `inFlight`: on its way to the queue. `acknowledged`: accepted by the queue.
 */
type HandoffState = "unknown" | "unconfirmed" | "inFlight" | "acknowledged";

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
  readonly #eventsRest = new QueueRest();
  readonly #jobsRest = new QueueRest();

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
    if (this.#due().length > 0) this.#ctx.waitUntil(this.#handOver());
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
      this.#endRests();
      await this.#confirm();
      const { state: before } = this.#load();
      const { state, outcome: overdue } = decide(before, Date.now());
      this.#mark(overdue.map(this.#rules.keyOf), null);
      if (this.#isForgotten(state)) return this.#forget();
      this.#cache(before, null);
      if (state !== before) this.#store(state);
      await this.#handOver();
      // Events that waited for a queue may have been the last reason to keep the record.
      if (this.#isForgotten(this.state)) return this.#forget();
      this.#scheduleNext();
    });
  }

  /** Ends the rests that the alarm was set for; those of an instance that begins with it as well. */
  #endRests(): void {
    const isNew = this.#stored === null;
    const setFor = this.#load().alarmAt;
    for (const rest of [this.#eventsRest, this.#jobsRest]) {
      if (isNew || setFor === null || rest.isOver(setFor)) rest.interrupt();
    }
  }

  /**
   * Sends the untried items to their queues, after the step and without delaying its answer. Until a queue has
   * them they are as durable as the decision. A queue that refuses is asked again by the alarm, not by each step.
   */
  async #handOver(): Promise<void> {
    const { isJob } = this.#rules;
    const due = this.#due();
    const events = due.filter((item) => !isJob(item));
    await Promise.all([this.#send(due.filter(isJob), this.#jobsRest), this.#send(events, this.#eventsRest)]);
  }

  async #send(items: readonly Item[], rest: QueueRest): Promise<void> {
    if (items.length === 0) return;
    const { enqueue, keyOf, isJob, confirmation } = this.#rules;
    const keys = items.map(keyOf);
    const repeated = new Set(keys.filter((key) => this.#handoffStates.get(key) === "unconfirmed"));
    this.#mark(keys, "inFlight");
    try {
      await enqueue(items, repeated);
      this.#mark(keys, "acknowledged");
      const isOutageOver = rest.since !== null;
      rest.end();
      // The next write drops them. Only events that cannot be confirmed later need a write now.
      const isUnconfirmable = (item: Item) => !isJob(item) && !confirmation?.isConfirmable(item);
      if (isOutageOver || items.some(isUnconfirmable)) this.#store(this.state);
    } catch (error) {
      this.#mark(keys, null);
      this.#mark([...repeated], "unconfirmed");
      log("warn", "Queue send failed", { count: items.length, error: String(error) });
      const isFirst = rest.since === null;
      rest.begin(Date.now());
      if (isFirst) this.#store(this.state);
      else this.#scheduleNext();
    }
  }

  /** Finds out which of the events that an earlier instance left in the record have arrived. */
  async #confirm(): Promise<void> {
    const { keyOf, confirmation } = this.#rules;
    const unknown = this.state.outbox.filter((item) => this.#handoffStates.get(keyOf(item)) === "unknown");
    if (unknown.length === 0) return;
    const confirmed = await confirmation?.findConfirmed(unknown).catch(() => null);
    for (const key of unknown.map(keyOf)) {
      this.#mark([key], confirmed?.has(key) ? "acknowledged" : "unconfirmed");
    }
  }

  /** The items to send now. */
  #due(): readonly Item[] {
    const { keyOf, isJob } = this.#rules;
    const now = Date.now();
    return this.state.outbox.filter((item) => {
      const handoffState = this.#handoffStates.get(keyOf(item));
      const rest = isJob(item) ? this.#jobsRest : this.#eventsRest;
      const isUntried = handoffState === undefined || handoffState === "unconfirmed";
      return isUntried && rest.isOver(now);
    });
  }

  #mark(keys: readonly string[], handoffState: HandoffState | null): void {
    for (const key of keys) {
      if (handoffState === null) this.#handoffStates.delete(key);
      else this.#handoffStates.set(key, handoffState);
    }
  }

  #load(): Stored<State> {
    if (this.#stored !== null) return this.#stored;
    const { kind, version, empty, keyOf, confirmation, upgrade } = this.#rules;
    const stored = this.#ctx.storage.kv.get<Stored<State>>(KEY);
    assertKnownVersion(kind, stored?.version, version);
    const isFormer = stored !== undefined && stored.version !== version && upgrade !== undefined;
    const state = isFormer ? upgrade(stored.state, stored.version) : stored?.state;
    // An older record lacks the fields that were added since.
    const loaded = this.#cache({ ...empty, ...state }, stored?.alarmAt ?? null);
    const refusedSince = stored?.refusedSince ?? null;
    if (refusedSince !== null) this.#eventsRest.begin(Date.now(), refusedSince);
    else {
      const confirmable = loaded.state.outbox.filter((item) => confirmation?.isConfirmable(item));
      this.#mark(confirmable.map(keyOf), "unknown");
    }
    return loaded;
  }

  #store(decided: State): void {
    const state = this.#withoutAcknowledged(decided);
    const stored = this.#cache(state, this.#setAlarm(state));
    this.#ctx.storage.kv.put<Stored<State>>(KEY, stored);
  }

  /** Sets the alarm without the record: one row, where together they would be two. */
  #scheduleNext(): void {
    this.#cache(this.state, this.#setAlarm(this.state));
  }

  #cache(state: State, alarmAt: number | null): Stored<State> {
    const refusedSince = this.#eventsRest.since;
    this.#stored = { version: this.#rules.version, state, alarmAt, refusedSince };
    return this.#stored;
  }

  /** Schedules the only alarm; setting one bills a row, so it is only moved earlier. */
  #setAlarm(state: State): number | null {
    const { alarmAt } = this.#load();
    const now = Date.now();
    const { nextDue } = this.#rules;
    const times = [nextDue(state), this.#eventsRest.until, this.#jobsRest.until];
    const next = Math.min(...times.filter((time) => time !== null));
    // What is overdue has just been tried; a queue that is down is not retried at once.
    const due = Math.max(next, now + SOONEST_ALARM_MS);
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
    this.#eventsRest.end();
    this.#jobsRest.end();
    this.#handoffStates.clear();
    return this.#ctx.storage.deleteAll();
  }
}
