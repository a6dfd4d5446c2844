import { DurableObject } from "cloudflare:workers";
import {
  type Exceeded,
  exceededWindow,
  longestWindow,
  timesToKeep,
  type Window,
} from "../../platform/windows.ts";

const KEY = "counted";

/** The one stored value. While it exists an alarm is set, at `forgetAt` or earlier. */
interface Counted {
  /** The times of the sends, oldest first, in milliseconds since the epoch. */
  readonly times: readonly number[];
  /** When the newest has left every window. */
  readonly forgetAt: number;
}

/**
 * The object of one value of a named limit, such as one account: it counts the sends. An allowed send writes one
 * row and a refused one none; an alarm that fires too early is moved, so that not every send sets one.
 */
export class LimitCounter extends DurableObject<Env> {
  /** Counts a send, or returns the window that is full. */
  take(windows: readonly Window[]): Exceeded | null {
    const now = Date.now();
    const exceeded = exceededWindow(this.#times(), windows, now);
    if (exceeded === null) this.#add(1, windows, now);
    return exceeded;
  }

  /** Counts an unwanted code that this value requested, as a number of sends. */
  penalise(sends: number, windows: readonly Window[]): void {
    this.#add(sends, windows, Date.now());
  }

  override async alarm(): Promise<void> {
    const { forgetAt = 0 } = this.ctx.storage.kv.get<Counted>(KEY) ?? {};
    if (Date.now() < forgetAt) return this.ctx.storage.setAlarm(forgetAt);
    return this.ctx.storage.deleteAll();
  }

  #times(): readonly number[] {
    return this.ctx.storage.kv.get<Counted>(KEY)?.times ?? [];
  }

  #add(sends: number, windows: readonly Window[], now: number): void {
    const { kv } = this.ctx.storage;
    const stored = kv.get<Counted>(KEY);
    const times = timesToKeep([...(stored?.times ?? []), ...Array<number>(sends).fill(now)], windows, now);
    const forgetAt = Math.max(stored?.forgetAt ?? 0, now + longestWindow(windows));
    kv.put<Counted>(KEY, { times, forgetAt });
    // Not awaited: the output gate holds the answer until it is durable.
    if (stored === undefined) void this.ctx.storage.setAlarm(forgetAt);
  }
}
