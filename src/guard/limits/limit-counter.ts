import { DurableObject } from "cloudflare:workers";
import { type Exceeded, longestOf, remembered, tooMany, type Window } from "./windows.ts";

const KEY = "counted";

/** The one stored value. While it is there an alarm is set, which rings at `forgetAt` or before. */
interface Counted {
  /** When each send came, oldest first, in milliseconds since the epoch. */
  readonly times: readonly number[];
  /** When the newest has left every window. */
  readonly forgetAt: number;
}

/**
 * The object of one value of a named limit, such as one account: how often it has asked. A send costs one row
 * written and a refused one none; the alarm is moved when it rings too early, not with every send.
 */
export class LimitCounter extends DurableObject<Env> {
  /** Counts a send, or answers the window that is full. */
  take(windows: readonly Window[]): Exceeded | null {
    const now = Date.now();
    const exceeded = tooMany(this.#times(), windows, now);
    if (exceeded === null) this.#add(1, windows, now);
    return exceeded;
  }

  /** Somebody was bothered in this value's name: it counts as so many sends. */
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
    const known = kv.get<Counted>(KEY);
    const times = remembered([...(known?.times ?? []), ...Array<number>(sends).fill(now)], windows, now);
    const forgetAt = Math.max(known?.forgetAt ?? 0, now + longestOf(windows));
    kv.put<Counted>(KEY, { times, forgetAt });
    // Not awaited: the output gate holds the answer until this is durable too.
    if (known === undefined) void this.ctx.storage.setAlarm(forgetAt);
  }
}
