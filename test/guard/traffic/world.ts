import type { Counts } from "../../../src/guard/budget/counters.ts";
import { type CapReached, priceOf, reachedCap } from "../../../src/guard/budget/hard-caps.ts";
import type { CountryPressure } from "../../../src/guard/budget/measures.ts";
import { type Block, evaluateRange, settle } from "../../../src/guard/budget/range-budget.ts";
import { FRESH, isWorthARow, type RangeState, toRecord } from "../../../src/guard/budget/range-state.ts";
import {
  countryBreach,
  countryPressure,
  mergeTallies,
  report,
  type Tally,
} from "../../../src/guard/budget/tally.ts";
import type { Range } from "../../../src/guard/range.ts";
import type { BudgetSettings, CapSettings } from "../../../src/guard/settings.ts";
import type { PhoneNumberName } from "../../../src/ids/phone-number-name.ts";
import type { E164 } from "../../../src/numbering/e164.ts";
import type { Visit } from "./visit.ts";

export interface Guard {
  readonly budget: BudgetSettings;
  readonly caps: CapSettings;
  readonly rangeOf: (number: E164) => Range;
}

export type Refusal = Block | CapReached;

/** Told of every message that was asked for; the refusal is null where it went out. */
export type Witness = (visit: Visit, range: Range, refusal: Refusal | null, at: number) => void;

/** What went out or was approved, and only that: what the guard refused costs nothing and fills no cap. */
type Report = Counts & { readonly range: Range; readonly country: string };

/** A range's object: what it has in memory, and what of that it has written. */
interface Hosted {
  readonly state: RangeState;
  readonly written: RangeState;
  readonly usedAt: number;
}

const REPORT_EVERY_MS = 120_000;
const SHARDS = 2;

/** After so long without a call an object's memory is gone; the platform may keep it longer. */
const IDLE_MS = 10_000;

/** How long a code lives by default, and how long it takes through the queue until its end is told. */
const EXPIRES_AFTER_MS = 300_000;
const TOLD_AFTER_MS = 3_000;

/**
 * The guard's objects: one per range, which forgets what it has not written whenever nobody asks it for a
 * while, and tallies that learn of the traffic every two minutes. What a start knows of its country is what
 * they knew when the last of those began.
 */
export class World {
  readonly #guard: Guard;
  /** What the ranges' objects have written, in rows. */
  rowsWritten = 0;
  #ranges = new Map<Range, Hosted>();
  #unreported: Report[] = [];
  #shards: Tally[] = Array.from({ length: SHARDS }, () => ({}));
  #known: Tally = {};
  #countries = new Map<string, { readonly mood: CountryPressure; readonly cap: CapReached | null }>();
  #period = 0;

  constructor(guard: Guard) {
    this.#guard = guard;
  }

  /** Another world with the same past. Its states are never changed in place, so it costs a map. */
  fork(guard: Guard): World {
    const fork = new World(guard);
    fork.#ranges = new Map(this.#ranges);
    fork.#unreported = [...this.#unreported];
    fork.#shards = [...this.#shards];
    fork.#known = this.#known;
    fork.#period = this.#period;
    return fork;
  }

  /** Lives through visits, in the order of time. */
  live(visits: readonly Visit[], witness: Witness): void {
    const open = new Map<Visit, number>();
    const refused = new Set<Visit>();
    for (const { at, visit, what } of inOrder(visits)) {
      this.#tick(at);
      const range = this.#guard.rangeOf(visit.number);
      const sends = open.get(visit) ?? 0;
      if (what === "send") {
        if (refused.has(visit)) continue;
        const refusal = this.#ask(range, visit, at);
        if (refusal === null) open.set(visit, sends + 1);
        else refused.add(visit);
        witness(visit, range, refusal, at);
      } else if (sends > 0 && !(what === "approve" && refused.has(visit))) {
        open.delete(visit);
        this.#close(range, visit, sends, what === "approve", at);
      }
    }
  }

  #ask(range: Range, { number, country }: Visit, at: number): Refusal | null {
    const { mood, cap } = this.#country(country, at);
    if (cap !== null) return cap;
    const hosted = this.#awake(range, at);
    const { state, verdict } = evaluateRange(hosted.state, nameOf(number), this.#guard.budget, mood, at);
    this.#keep(range, hosted, state, at);
    if (verdict.kind === "block") return verdict;
    this.#unreported.push({ range, country, sends: 1, approvals: 0 });
    return null;
  }

  #close(range: Range, visit: Visit, sends: number, approved: boolean, at: number): void {
    const hosted = this.#awake(range, at);
    const closing = { name: nameOf(visit.number), sends, approved, startedAt: visit.sendsAt[0] ?? 0 };
    this.#keep(range, hosted, settle(hosted.state, closing, this.#guard.budget, at), at);
    if (approved) this.#unreported.push({ range, country: visit.country, sends: 0, approvals: sends });
  }

  #awake(range: Range, at: number): Hosted {
    const hosted = this.#ranges.get(range);
    if (hosted === undefined) return { state: FRESH, written: FRESH, usedAt: at };
    if (at - hosted.usedAt <= IDLE_MS) return hosted;
    const record = toRecord(hosted.written);
    return { state: record, written: record, usedAt: at };
  }

  #keep(range: Range, { written }: Hosted, state: RangeState, at: number): void {
    const isDue = isWorthARow(written, state, at);
    if (isDue) this.rowsWritten += 1;
    this.#ranges.set(range, { state, written: isDue ? state : written, usedAt: at });
  }

  #country(code: string, at: number) {
    const known = this.#countries.get(code);
    if (known !== undefined) return known;
    const mood = countryPressure(countryBreach(this.#known, this.#guard.budget, code, at));
    const fresh = { mood, cap: reachedCap(this.#known, this.#guard.caps, code, at) };
    this.#countries.set(code, fresh);
    return fresh;
  }

  #tick(at: number): void {
    const period = Math.floor(at / REPORT_EVERY_MS);
    if (period === this.#period) return;
    this.#period = period;
    this.#known = mergeTallies(this.#shards, at);
    this.#countries.clear();
    for (const { range, country, ...counts } of this.#unreported) {
      const shard = Number(range.slice(-1)) % SHARDS;
      const cost = counts.sends * priceOf(this.#guard.caps, country, "authentication");
      this.#shards[shard] = report(this.#shards[shard] ?? {}, country, { ...counts, cost }, at);
    }
    this.#unreported = [];
  }
}

/** What an approval leaves open is over when its code has expired. Both are told through the queue of events. */
function inOrder(visits: readonly Visit[]) {
  return visits
    .flatMap((visit) => {
      const expiresAt = (visit.sendsAt.at(-1) ?? 0) + EXPIRES_AFTER_MS;
      return [
        ...visit.sendsAt.map((at) => ({ at, visit, what: "send" })),
        ...(visit.approvedAt === null
          ? []
          : [{ at: visit.approvedAt + TOLD_AFTER_MS, visit, what: "approve" }]),
        { at: expiresAt + TOLD_AFTER_MS, visit, what: "expire" },
      ];
    })
    .sort((a, b) => a.at - b.at);
}

/** In an imaginary world a number is a name good enough. */
function nameOf(number: E164): PhoneNumberName {
  return number as string as PhoneNumberName;
}
