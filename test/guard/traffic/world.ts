import { type CapReached, type CapSettings, priceOf, reachedCap } from "../../../src/guard/budget/caps.ts";
import type { Counts } from "../../../src/guard/budget/counters.ts";
import type { CountryMood } from "../../../src/guard/budget/measures.ts";
import { approve, ask, type Block } from "../../../src/guard/budget/range-budget.ts";
import { FRESH, type RangeState } from "../../../src/guard/budget/range-state.ts";
import type { BudgetSettings } from "../../../src/guard/budget/settings.ts";
import { countryBreach, mergeTallies, moodOf, report, type Tally } from "../../../src/guard/budget/tally.ts";
import type { Range } from "../../../src/guard/range.ts";
import type { E164 } from "../../../src/phone/e164.ts";
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

const REPORT_EVERY_MS = 120_000;
const SHARDS = 2;

/**
 * The guard's objects, in memory: one state per range, and tallies that learn of it every two minutes.
 * What a start knows of its country is what they knew when the last of those began.
 */
export class World {
  readonly #guard: Guard;
  #ranges = new Map<Range, RangeState>();
  #unreported: Report[] = [];
  #shards: Tally[] = Array.from({ length: SHARDS }, () => ({}));
  #known: Tally = {};
  #countries = new Map<string, { readonly mood: CountryMood; readonly cap: CapReached | null }>();
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
    const refused = new Set<Visit>();
    for (const { at, visit, approves } of inOrder(visits)) {
      this.#tick(at);
      const range = this.#guard.rangeOf(visit.number);
      if (refused.has(visit)) continue;
      if (approves) {
        this.#approve(range, visit, at);
      } else {
        const refusal = this.#ask(range, visit.country, at);
        if (refusal !== null) refused.add(visit);
        witness(visit, range, refusal, at);
      }
    }
  }

  #ask(range: Range, country: string, at: number): Refusal | null {
    const { mood, cap } = this.#country(country, at);
    if (cap !== null) return cap;
    const { state, verdict } = ask(this.#ranges.get(range) ?? FRESH, this.#guard.budget, mood, at);
    this.#ranges.set(range, state);
    if (verdict.kind === "block") return verdict;
    this.#unreported.push({ range, country, sends: 1, approvals: 0 });
    return null;
  }

  #approve(range: Range, { country, sendsAt }: Visit, at: number): void {
    const state = this.#ranges.get(range) ?? FRESH;
    this.#ranges.set(range, approve(state, sendsAt.length, this.#guard.budget, at));
    this.#unreported.push({ range, country, sends: 0, approvals: sendsAt.length });
  }

  #country(code: string, at: number) {
    const known = this.#countries.get(code);
    if (known !== undefined) return known;
    const mood = moodOf(countryBreach(this.#known, this.#guard.budget, code, at));
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

function inOrder(visits: readonly Visit[]) {
  return visits
    .flatMap((visit) => [
      ...visit.sendsAt.map((at) => ({ at, visit, approves: false })),
      ...(visit.approvedAt === null ? [] : [{ at: visit.approvedAt, visit, approves: true }]),
    ])
    .sort((a, b) => a.at - b.at);
}
