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
}

/** The one stored value. One key, so that a step writes one row. */
interface Stored<State> {
  readonly state: State;
  /** When the object's only alarm rings, so that a step need not ask; null when none is set. */
  readonly alarmAt: number | null;
}

/**
 * A Durable Object's one record. Each step is synchronous (load, decide, store), so nothing can come between
 * a read and its write; the platform holds every answer until the write is durable.
 */
export class DurableRecord<State extends WithOutbox<Item>, Item> {
  readonly #ctx: DurableObjectState;
  readonly #rules: RecordRules<State, Item>;
  /** What the queues have, or are just being given; forgotten with the object's memory, and then given again. */
  readonly #handedOver = new Set<string>();

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
    const stored = this.#load();
    const { state, outcome } = decide(stored.state, Date.now());
    if (state !== stored.state) this.#store({ ...stored, state });
    this.#ctx.waitUntil(this.#handOver(state.outbox));
    return outcome;
  }

  /**
   * The alarm's step: its outcome is what has to be handed over once more. What a crash or a queue's outage
   * left behind goes as well, and in the end the record itself.
   */
  async ring(
    decide: (state: State, now: number) => { readonly state: State; readonly outcome: readonly Item[] },
  ): Promise<void> {
    const { state, outcome: overdue } = decide(this.state, Date.now());
    for (const item of overdue) this.#handedOver.delete(this.#rules.keyOf(item));
    if (this.#rules.isForgotten(state)) return this.#ctx.storage.deleteAll();
    this.#store({ state, alarmAt: null });
    await this.#handOver(state.outbox);
    // Events that a queue's outage had left were the last thing to keep the record for.
    if (this.#rules.isForgotten(this.state)) await this.#ctx.storage.deleteAll();
  }

  /**
   * Gives what a decision wants done to the queues, after the step and without holding up its answer. Until
   * the queues have it, it is as durable as the decision, and the next call or the alarm tries again.
   */
  async #handOver(outbox: readonly Item[]): Promise<void> {
    const { keyOf, isJob, enqueue } = this.#rules;
    const items = outbox.filter((item) => !this.#handedOver.has(keyOf(item)));
    if (items.length === 0) return;
    const keys = new Set(items.map(keyOf));
    for (const key of keys) this.#handedOver.add(key);
    try {
      await enqueue(items);
      const stored = this.#load();
      const left = stored.state.outbox.filter((item) => isJob(item) || !keys.has(keyOf(item)));
      if (left.length === stored.state.outbox.length) return;
      this.#store({ ...stored, state: { ...stored.state, outbox: left } });
    } catch (error) {
      for (const key of keys) this.#handedOver.delete(key);
      log("warn", "The queue did not take over", { count: items.length, error: String(error) });
      this.#store(this.#load(), Date.now() + QUEUE_RETRY_MS);
    }
  }

  #load(): Stored<State> {
    const stored = this.#ctx.storage.kv.get<Stored<State>>(KEY);
    if (stored === undefined) return { state: this.#rules.empty, alarmAt: null };
    // A record of before a field was thought of has nothing in it.
    return { ...stored, state: { ...this.#rules.empty, ...stored.state } };
  }

  /** `wakeAt` is when to look again for a reason that the record does not show. */
  #store({ state, alarmAt }: Stored<State>, wakeAt = Number.POSITIVE_INFINITY): void {
    // What is overdue already was tried just now; a queue that is down is not to be hammered.
    const next = this.#rules.nextDue(state);
    const due = Math.min(wakeAt, next === null ? wakeAt : Math.max(next, Date.now() + SOONEST_ALARM_MS));
    const sooner = due < (alarmAt ?? Number.POSITIVE_INFINITY);
    this.#ctx.storage.kv.put<Stored<State>>(KEY, { state, alarmAt: sooner ? due : alarmAt });
    // Not awaited: the output gate holds every answer until this is durable too.
    if (sooner) void this.#ctx.storage.setAlarm(due);
  }
}
