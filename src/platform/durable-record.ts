import { log } from "./log.ts";

/** How long an object that found a queue down waits before it tries again. */
const QUEUE_RETRY_MS = 15_000;

const SOONEST_ALARM_MS = 1_000;

const KEY = "record";

/** What a decision wants done outside is written with the decision itself, and stays until it has been handed over. */
interface WithOutbox<Item> {
  readonly outbox: readonly Item[];
}

/** What tells one kind of object from another. */
export interface RecordRules<State, Item> {
  /** What is known where nothing is stored. */
  readonly empty: State;
  /** True when nothing is left that anybody could still ask for. */
  isForgotten(state: State): boolean;
  /** When the object has to be woken; null for never. */
  nextDue(state: State): number | null;
  /** An item's name, the same however often it is handed over. */
  keyOf(item: Item): string;
  /** An event leaves the record once its queue has it, a job only by a decision that finds it done. */
  isJob(item: Item): boolean;
  /** Gives items to their queues; rejects when one of these does not take them. */
  enqueue(items: readonly Item[]): Promise<void>;
  readonly confirmation?: DeliveryConfirmation<Item>;
}

/** Events that show outside once they have come need not be written off here: that would be a row for each. */
export interface DeliveryConfirmation<Item> {
  isConfirmable(item: Item): boolean;
  /** The keys of those that have come. Rejects when nobody can say. */
  findConfirmed(items: readonly Item[]): Promise<ReadonlySet<string>>;
}

/** The one stored value. One key, so that a step writes one row. */
interface Stored<State> {
  readonly state: State;
  /** When the object's only alarm rings, so that a step need not ask; null, or past, when none is set. */
  readonly alarmAt: number | null;
}

/**
 * A Durable Object's one record. Each step is synchronous (load, decide, store), so nothing can come between
 * a read and its write; the platform holds every answer until the write is durable. What was read or written
 * last stays in memory, for nobody else writes it, and a write that fails takes the object's memory with it.
 */
export class DurableRecord<State extends WithOutbox<Item>, Item> {
  readonly #ctx: DurableObjectState;
  readonly #rules: RecordRules<State, Item>;
  #stored: Stored<State> | null = null;
  /**
   * Where the outbox's items are, by their keys: left by a memory of this object that is gone, on their way to
   * the queues, or taken by these. Of all others nobody has tried yet.
   */
  readonly #handoffState = new Map<string, "unknown" | "inFlight" | "acknowledged">();

  constructor(ctx: DurableObjectState, rules: RecordRules<State, Item>) {
    this.#ctx = ctx;
    this.#rules = rules;
  }

  get state(): State {
    return this.#load().state;
  }

  /** Decides on the state, stores what has become of it, and hands over what it wants done. */
  step<Outcome>(
    decide: (state: State, now: number) => { readonly state: State; readonly outcome: Outcome },
  ): Outcome {
    const before = this.state;
    const { state, outcome } = decide(before, Date.now());
    if (state !== before) this.#store(state);
    if (this.#untried().length > 0) this.#ctx.waitUntil(this.#handOver());
    return outcome;
  }

  /**
   * The alarm's step: its outcome is what has to be handed over once more. What a crash or a queue's outage
   * left behind goes as well, and in the end the record itself.
   */
  async onAlarm(
    decide: (state: State, now: number) => { readonly state: State; readonly outcome: readonly Item[] },
  ): Promise<void> {
    await this.#confirm();
    const { state: before } = this.#load();
    const { state, outcome: overdue } = decide(before, Date.now());
    for (const item of overdue) this.#handoffState.delete(this.#rules.keyOf(item));
    if (this.#isForgotten(state)) return this.#forget();
    this.#stored = { state: before, alarmAt: null };
    // The alarm alone is one row, and with the record it would be two.
    if (state === before) this.#stored = { state, alarmAt: this.#setAlarm(state) };
    else this.#store(state);
    await this.#handOver();
    // Events that a queue's outage had left may have been the last thing to keep the record for.
    if (this.#isForgotten(this.state)) await this.#forget();
  }

  /**
   * Gives what a decision wants done to the queues, after the step and without holding up its answer. Until
   * the queues have it, it is as durable as the decision, and the next call or the alarm tries again.
   */
  async #handOver(): Promise<void> {
    const { isJob, enqueue, confirmation: traces } = this.#rules;
    const items = this.#untried();
    if (items.length === 0) return;
    this.#mark(items, "inFlight");
    try {
      await enqueue(items);
      this.#mark(items, "acknowledged");
      // The next write drops them. One of their own need only those of which nothing else would tell.
      if (items.some((item) => !isJob(item) && !traces?.isConfirmable(item))) this.#store(this.state);
    } catch (error) {
      this.#mark(items, null);
      log("warn", "The queue did not take over", { count: items.length, error: String(error) });
      this.#store(this.state, Date.now() + QUEUE_RETRY_MS);
    }
  }

  /** Finds out which of the events that a former memory left in the record it had handed over all the same. */
  async #confirm(): Promise<void> {
    const { keyOf, confirmation: traces } = this.#rules;
    const left = this.state.outbox.filter((item) => this.#handoffState.get(keyOf(item)) === "unknown");
    if (left.length === 0) return;
    const confirmed = await traces?.findConfirmed(left).catch(() => null);
    for (const item of left) this.#mark([item], confirmed?.has(keyOf(item)) ? "acknowledged" : null);
  }

  #untried(): readonly Item[] {
    return this.state.outbox.filter((item) => !this.#handoffState.has(this.#rules.keyOf(item)));
  }

  #mark(items: readonly Item[], where: "unknown" | "inFlight" | "acknowledged" | null): void {
    for (const key of items.map(this.#rules.keyOf)) {
      if (where === null) this.#handoffState.delete(key);
      else this.#handoffState.set(key, where);
    }
  }

  #load(): Stored<State> {
    if (this.#stored !== null) return this.#stored;
    const { empty, confirmation: traces } = this.#rules;
    const stored = this.#ctx.storage.kv.get<Stored<State>>(KEY) ?? { state: empty, alarmAt: null };
    // A record of before a field was thought of has nothing in it.
    const state = { ...empty, ...stored.state };
    this.#stored = { state, alarmAt: stored.alarmAt };
    this.#mark(
      state.outbox.filter((item) => traces?.isConfirmable(item)),
      "unknown",
    );
    return this.#stored;
  }

  /** `wakeAt` is when to look again for a reason that the record does not show. */
  #store(decided: State, wakeAt?: number): void {
    const state = this.#withoutTaken(decided);
    const alarmAt = this.#setAlarm(state, wakeAt);
    this.#stored = { state, alarmAt };
    this.#ctx.storage.kv.put<Stored<State>>(KEY, this.#stored);
  }

  /** Has the object woken in time; an alarm is a row, and only one that comes sooner is worth it. */
  #setAlarm(state: State, wakeAt = Number.POSITIVE_INFINITY): number | null {
    const { alarmAt } = this.#load();
    const now = Date.now();
    // What is overdue already was tried just now; a queue that is down is not to be hammered.
    const next = this.#rules.nextDue(state);
    const due = Math.min(wakeAt, next === null ? wakeAt : Math.max(next, now + SOONEST_ALARM_MS));
    if (alarmAt !== null && alarmAt > now && alarmAt <= due) return alarmAt;
    if (due === Number.POSITIVE_INFINITY) return null;
    // Not awaited: the output gate holds every answer until this is durable too.
    void this.#ctx.storage.setAlarm(due);
    return due;
  }

  #withoutTaken(state: State): State {
    const { isJob, keyOf } = this.#rules;
    const outbox = state.outbox.filter(
      (item) => isJob(item) || this.#handoffState.get(keyOf(item)) !== "acknowledged",
    );
    return outbox.length === state.outbox.length ? state : { ...state, outbox };
  }

  #isForgotten(state: State): boolean {
    return this.#rules.isForgotten(this.#withoutTaken(state));
  }

  #forget(): Promise<void> {
    this.#stored = null;
    this.#handoffState.clear();
    return this.#ctx.storage.deleteAll();
  }
}
