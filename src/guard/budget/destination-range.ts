import { DurableObject } from "cloudflare:workers";
import { DAY_MS } from "./counters.ts";
import type { CountryMood } from "./measures.ts";
import { approve, ask, denounce, giveBack, unblock, type Verdict } from "./range-budget.ts";
import { FRESH, isForgotten, type RangeState } from "./range-state.ts";
import type { BudgetSettings } from "./settings.ts";

const STATE = "range";

const WRITE_EVERY_MS = 1_000;

/** The longest that anything in a range's record matters, and a day. */
const FORGET_AFTER_MS = 16 * DAY_MS;

/** The object of one destination range: what went there, and what came of it. */
export class DestinationRange extends DurableObject<Env> {
  #current: RangeState | null = null;
  #writtenAt = Number.NEGATIVE_INFINITY;
  #isWaiting = false;

  /** May another message go here? Counts it if it may. */
  ask(settings: BudgetSettings, mood: CountryMood): Verdict {
    const { state, verdict } = ask(this.#state(), settings, mood, Date.now());
    this.#store(state);
    return verdict;
  }

  /** Somebody here was verified, with so many messages. */
  approve(sends: number, settings: BudgetSettings): void {
    this.#store(approve(this.#state(), sends, settings, Date.now()));
  }

  /** What was counted did not go out after all. */
  giveBack(): void {
    this.#store(giveBack(this.#state(), Date.now()));
  }

  /** Somebody here asked for no code. */
  denounce(): void {
    this.#store(denounce(this.#state(), Date.now()));
  }

  /** An operator's word; false when the range was open. */
  unblock(): boolean {
    const state = this.#state();
    if (state.standing.kind === "open") return false;
    this.#store(unblock(state, Date.now()));
    return true;
  }

  override async alarm(): Promise<void> {
    if (isForgotten(this.#state(), Date.now())) await this.ctx.storage.deleteAll();
    else await this.ctx.storage.setAlarm(Date.now() + FORGET_AFTER_MS);
  }

  #state(): RangeState {
    this.#current ??= this.ctx.storage.kv.get<RangeState>(STATE) ?? FRESH;
    return this.#current;
  }

  /**
   * Writes at once, but no more than once a second: a range under attack, or in a campaign, would else write
   * a row a message. A crash costs a busy range the counts of that second, and nobody a code. A quiet range
   * waits for nothing, for an object that waits is paid for.
   */
  #store(state: RangeState): void {
    if (state === this.#state()) return;
    this.#current = state;
    const wait = this.#writtenAt + WRITE_EVERY_MS - Date.now();
    if (wait <= 0) {
      this.#write();
      return;
    }
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    this.ctx.waitUntil(
      scheduler.wait(wait).then(() => {
        this.#isWaiting = false;
        this.#write();
      }),
    );
  }

  #write(): void {
    this.#writtenAt = Date.now();
    const isNew = this.ctx.storage.kv.get(STATE) === undefined;
    this.ctx.storage.kv.put(STATE, this.#state());
    // Not awaited: the output gate holds the answer until this is durable too. Once, for an alarm is a row as well.
    if (isNew) void this.ctx.storage.setAlarm(Date.now() + FORGET_AFTER_MS);
  }
}
