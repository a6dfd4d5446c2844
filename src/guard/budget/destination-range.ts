import { DurableObject } from "cloudflare:workers";
import type { PhoneNumberName } from "../../ids/phone-number-name.ts";
import { assertKnownVersion, runAlarm } from "../../platform/record-version.ts";
import { DAY_MS } from "../../platform/time.ts";
import type { BudgetSettings } from "../settings.ts";
import { fromFormerRange } from "./former-state.ts";
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

const STATE = "range";
/** Raise it with a change that an older build must not read or overwrite. */
const RECORD_VERSION = 1;

/** The one stored value. */
interface RangeRecord extends RangeState {
  /** Undefined in a record from before records had versions. */
  readonly version: number | undefined;
}

const FRESH_RECORD: RangeRecord = { version: RECORD_VERSION, ...FRESH };

/** The longest time that a range's record matters, and a day. */
const FORGET_AFTER_MS = 16 * DAY_MS;

/** The object of one destination range, which counts the sends to it and how many of them are verified. */
export class DestinationRange extends DurableObject<Env> {
  #current: RangeState | null = null;
  #written = FRESH;

  /**
   * Decides whether a message may go to a number of the range, and counts an allowed one.
   *
   * @param name Null for a message whose code is not checked here: the range's limits hold for it, and it is not counted.
   */
  evaluate(name: PhoneNumberName | null, settings: BudgetSettings, country: CountryPressure): Verdict {
    const { state, verdict } = evaluateRange(this.#state(), name, settings, country, Date.now());
    this.#keep(state);
    return verdict;
  }

  /** Counts closed verifications of numbers in the range. */
  settle(closings: readonly RangeClosing[], settings: BudgetSettings): void {
    const now = Date.now();
    this.#keep(closings.reduce((state, closing) => settle(state, closing, settings, now), this.#state()));
  }

  /** Takes back a counted send that was not made. */
  refund(name: PhoneNumberName): void {
    this.#keep(refund(this.#state(), name, Date.now()));
  }

  /** Counts the report of an owner in the range that they requested no code. */
  recordComplaint(): void {
    this.#keep(recordComplaint(this.#state(), Date.now()));
  }

  /** Opens the range for an operator; false when it was open. */
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
    return { ...FRESH, ...(version === undefined ? fromFormerRange(state) : state) };
  }

  #keep(state: RangeState): void {
    const isDue = isWorthARow(this.#written, state, Date.now());
    this.#current = state;
    if (!isDue) return;
    this.#written = state;
    const isNew = this.ctx.storage.kv.get(STATE) === undefined;
    this.ctx.storage.kv.put<RangeRecord>(STATE, { version: RECORD_VERSION, ...toRecord(state) });
    // Not awaited: the output gate holds the answer until it is durable. Set once, because an alarm bills a row.
    if (isNew) void this.ctx.storage.setAlarm(Date.now() + FORGET_AFTER_MS);
  }
}
