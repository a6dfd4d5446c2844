import type { Counts } from "../../../src/guard/budget/counters.ts";
import { type CapReached, costOf, reachedCap } from "../../../src/guard/budget/hard-caps.ts";
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
import type { Attempt } from "./attempt.ts";

export interface GuardSetup {
  readonly budget: BudgetSettings;
  readonly caps: CapSettings;
  readonly rangeOf: (number: E164) => Range;
}

export type Refusal = Block | CapReached;

/** Called for every requested message; the refusal is null where it was sent. */
export type Observer = (attempt: Attempt, range: Range, refusal: Refusal | null, at: number) => void;

/** Sends and approvals. Refused sends are not reported: they cost nothing and do not count towards a cap. */
type Report = Counts & { readonly range: Range; readonly country: string };

/** A range's object: the state in its memory, and the state that it has stored. */
interface Hosted {
  readonly state: RangeState;
  readonly written: RangeState;
  readonly usedAt: number;
}

const REPORT_EVERY_MS = 120_000;
const SHARDS = 2;

/** After this time without a call an object is evicted; the platform may keep it longer. */
const IDLE_MS = 10_000;

/** The default lifetime of a code, and the delay of the queue that reports its end. */
const EXPIRES_AFTER_MS = 300_000;
const REPORTED_AFTER_MS = 3_000;

/**
 * The guard's objects: one per range, which loses its unwritten state when it is idle, and tallies that receive
 * the traffic every two minutes. A start sees its country as of the beginning of the last exchange.
 */
export class SimulatedGuard {
  readonly #guard: GuardSetup;
  /** The rows that the ranges' objects have written. */
  rowsWritten = 0;
  #ranges = new Map<Range, Hosted>();
  #unreported: Report[] = [];
  #shards: Tally[] = Array.from({ length: SHARDS }, () => ({}));
  #known: Tally = {};
  #countries = new Map<string, { readonly pressure: CountryPressure; readonly cap: CapReached | null }>();
  #period = 0;

  constructor(guard: GuardSetup) {
    this.#guard = guard;
  }

  /** Copies the simulation with its past. States are never changed in place, so the maps are enough. */
  fork(guard: GuardSetup): SimulatedGuard {
    const fork = new SimulatedGuard(guard);
    fork.#ranges = new Map(this.#ranges);
    fork.#unreported = [...this.#unreported];
    fork.#shards = [...this.#shards];
    fork.#known = this.#known;
    fork.#period = this.#period;
    return fork;
  }

  /** Runs attempts in the order of time. */
  run(attempts: readonly Attempt[], observer: Observer): void {
    const open = new Map<Attempt, number>();
    const refused = new Set<Attempt>();
    for (const { at, attempt, what } of inOrder(attempts)) {
      this.#tick(at);
      const range = this.#guard.rangeOf(attempt.number);
      const sends = open.get(attempt) ?? 0;
      if (what === "send") {
        if (refused.has(attempt)) continue;
        const refusal = this.#ask(range, attempt, at);
        if (refusal === null) open.set(attempt, sends + 1);
        else refused.add(attempt);
        observer(attempt, range, refusal, at);
      } else if (sends > 0 && !(what === "approve" && refused.has(attempt))) {
        open.delete(attempt);
        this.#close(range, attempt, sends, what === "approve", at);
      }
    }
  }

  #ask(range: Range, { number, country }: Attempt, at: number): Refusal | null {
    const { pressure, cap } = this.#country(country, at);
    if (cap !== null) return cap;
    const hosted = this.#awake(range, at);
    const { state, verdict } = evaluateRange(hosted.state, nameOf(number), this.#guard.budget, pressure, at);
    this.#keep(range, hosted, state, at);
    if (verdict.kind === "block") return verdict;
    this.#unreported.push({ range, country, sends: 1, approvals: 0 });
    return null;
  }

  #close(range: Range, attempt: Attempt, sends: number, approved: boolean, at: number): void {
    const hosted = this.#awake(range, at);
    const closing = {
      name: nameOf(attempt.number),
      sends,
      approved,
      wasPending: true,
      startedAt: attempt.sendsAt[0] ?? 0,
    };
    this.#keep(range, hosted, settle(hosted.state, closing, this.#guard.budget, at), at);
    if (approved) this.#unreported.push({ range, country: attempt.country, sends: 0, approvals: sends });
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
    const pressure = countryPressure(countryBreach(this.#known, this.#guard.budget, code, at));
    const fresh = { pressure, cap: reachedCap(this.#known, this.#guard.caps, code, at) };
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
      const cost = counts.sends * costOf(this.#guard.caps, country, "authentication");
      this.#shards[shard] = report(this.#shards[shard] ?? {}, country, { ...counts, cost }, at);
    }
    this.#unreported = [];
  }
}

/** Sends that an approval leaves open close when the code expires. The queue of events reports both. */
function inOrder(attempts: readonly Attempt[]) {
  return attempts
    .flatMap((attempt) => {
      const expiresAt = (attempt.sendsAt.at(-1) ?? 0) + EXPIRES_AFTER_MS;
      return [
        ...attempt.sendsAt.map((at) => ({ at, attempt, what: "send" })),
        ...(attempt.approvedAt === null
          ? []
          : [{ at: attempt.approvedAt + REPORTED_AFTER_MS, attempt, what: "approve" }]),
        { at: expiresAt + REPORTED_AFTER_MS, attempt, what: "expire" },
      ];
    })
    .sort((a, b) => a.at - b.at);
}

/** The simulation uses the number itself as the name of its object. */
function nameOf(number: E164): PhoneNumberName {
  return number as string as PhoneNumberName;
}
