import { DurableObject } from "cloudflare:workers";
import type { PhoneNumberName } from "../../ids/phone-number-name.ts";
import { assertKnownVersion, runAlarm } from "../../platform/record-version.ts";
import { DAY_MS } from "../../platform/time.ts";
import type { CountryPressure } from "./measures.ts";
import {
  evaluateRange,
  type RangeClosing,
  recordComplaint,
  refund,
  settle,
  unblock,
  type Verdict,
} from "./range-budget.ts";
import { FRESH, isForgotten, isWorthARow, type RangeState, toRecord } from "./range-state.ts";
import type { BudgetSettings } from "./settings.ts";

const STATE = "range";
/** Raise it with a change that an older build must not read or overwrite. */
const RECORD_VERSION = 1;

/** The one stored value. */
interface RangeRecord extends RangeState {
  readonly version: number;
}

const FRESH_RECORD: RangeRecord = { version: RECORD_VERSION, ...FRESH };

/** The longest that anything in a range's record matters, and a day. */
const FORGET_AFTER_MS = 16 * DAY_MS;

/** The object of one destination range: what went there, and what came of it. */
export class DestinationRange extends DurableObject<Env> {
  #current: RangeState | null = null;
  #written = FRESH;

  /** May another message go to this number? Counts it if it may. */
  evaluate(name: PhoneNumberName, settings: BudgetSettings, mood: CountryPressure): Verdict {
    const { state, verdict } = evaluateRange(this.#state(), name, settings, mood, Date.now());
    this.#keep(state);
    return verdict;
  }

  /** Verifications of numbers here are over. */
  settle(closings: readonly RangeClosing[], settings: BudgetSettings): void {
    const now = Date.now();
    this.#keep(closings.reduce((state, closing) => settle(state, closing, settings, now), this.#state()));
  }

  /** What was counted did not go out after all. */
  refund(name: PhoneNumberName): void {
    this.#keep(refund(this.#state(), name, Date.now()));
  }

  /** Somebody here asked for no code. */
  recordComplaint(): void {
    this.#keep(recordComplaint(this.#state(), Date.now()));
  }

  /** An operator's word; false when the range was open. */
  unblock(): boolean {
    const state = this.#state();
    if (state.status.kind === "open") return false;
    this.#keep(unblock(state, Date.now()));
    return true;
  }

  override alarm(): Promise<void> {
    const { storage } = this.ctx;
    return runAlarm(storage, async () => {
      if (isForgotten(this.#state(), Date.now())) await storage.deleteAll();
      else await storage.setAlarm(Date.now() + FORGET_AFTER_MS);
    });
  }

  #state(): RangeState {
    this.#current ??= this.#written = this.#load();
    return this.#current;
  }

  #load(): RangeState {
    const { version, ...state } = this.ctx.storage.kv.get<RangeRecord>(STATE) ?? FRESH_RECORD;
    assertKnownVersion("range", version, RECORD_VERSION);
    return { ...FRESH, ...state };
  }

  #keep(state: RangeState): void {
    const isDue = isWorthARow(this.#written, state, Date.now());
    this.#current = state;
    if (!isDue) return;
    this.#written = state;
    const isNew = this.ctx.storage.kv.get(STATE) === undefined;
    this.ctx.storage.kv.put<RangeRecord>(STATE, { version: RECORD_VERSION, ...toRecord(state) });
    // Not awaited: the output gate holds the answer until this is durable too. Once, for an alarm is a row as well.
    if (isNew) void this.ctx.storage.setAlarm(Date.now() + FORGET_AFTER_MS);
  }
}
