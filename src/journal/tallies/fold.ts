import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../platform/time.ts";
import { hourOf } from "../rows.ts";
import type { JournalTables } from "../tables.ts";
import type { JournalTable } from "../weeks.ts";
import { PeriodTallies } from "./dimensions.ts";
import { hasMoreRows, nextHour, previousHour, type RowsOf, readGroups, rowsOf } from "./groups.ts";
import { readLate, unmark } from "./late.ts";
import { DAYS_KEPT, FINAL_AFTER_MS, HOURS_KEPT_DAYS, STAGES } from "./stages.ts";
import { endDay, readTallyState, startDay, type TallyState, writeTallyState } from "./state.ts";
import { daysWithHours, deletePeriodsBefore, replacePeriod, sumOfDay } from "./tables.ts";

/** A run folds no further hour after this many rows, some 3 s of the database, or this many hours. */
export const LIMITS = { rows: 1_000_000, hours: 100 };

/** Below this, statistics read the rows of the hour under way instead, which costs less than folding it again and again. */
const BUSY_ROWS = 3_000;

/** An hour is read in parts of this length, or at once from the first part with few rows on. */
const PART_MS = 10 * MINUTE_MS;
const FEW_ROWS = 5_000;

/** Rows count as deleted a day early, so that a state is not written for this alone more often than once a day. */
const EARLY_HOURS = 24;

/** Brings the tallies up to date; what exceeds one run is left to the next. Runs may repeat and overlap. */
export function foldDue(tables: JournalTables, now: number, retentionDays: number): Promise<void> {
  return tables.read("verifications", (list) => foldFrom(tables.db, list, now, retentionDays));
}

async function foldFrom(
  db: D1Database,
  tables: readonly JournalTable[],
  now: number,
  retentionDays: number,
): Promise<void> {
  const known = await readTallyState(db);
  const state = known ?? stateAt(now);
  const run = new FoldingRun(db, tables, now, state);
  // A longer retention does not bring back what a shorter one has deleted.
  const rowsFrom = Math.max(hourOf(now - retentionDays * DAY_MS), state.rowsFrom - EARLY_HOURS);
  await run.run(rowsFrom);
  const isOutdated = state.rowsFrom < rowsFrom || state.hoursFrom !== run.state.hoursFrom;
  if (known === null || run.hasFolded || isOutdated) await writeTallyState(db, run.state);
}

/** What happened in the last 26 hours is still to be folded several times, what is older once. */
function stateAt(now: number): TallyState {
  const hour = hourOf(now - FINAL_AFTER_MS);
  return {
    firstHour: hour,
    ended: hour,
    settled: hour,
    final: hour,
    hoursFrom: 0,
    rowsFrom: 0,
    underWayTo: 0,
  };
}

class FoldingRun {
  readonly #db: D1Database;
  readonly #tables: readonly JournalTable[];
  readonly #now: number;
  readonly #left = { ...LIMITS };
  #state: TallyState;

  constructor(db: D1Database, tables: readonly JournalTable[], now: number, state: TallyState) {
    this.#db = db;
    this.#tables = tables;
    this.#now = now;
    this.#state = state;
  }

  get state(): TallyState {
    return this.#state;
  }

  get hasFolded(): boolean {
    return this.#left.hours < LIMITS.hours;
  }

  /** @param rowsFrom Rows before this hour are being deleted from the journal. */
  async run(rowsFrom: number): Promise<void> {
    const before = this.#state;
    this.#set({ rowsFrom: rowsFrom + EARLY_HOURS });
    await this.#foldUnderWay();
    for (const { bound, afterMs } of STAGES) {
      await this.#foldUpTo(bound, hourOf(this.#now - afterMs), rowsFrom);
    }
    await this.#foldBackwards(rowsFrom);
    await this.#foldDays(before);
    await this.#foldLate(rowsFrom);
    await this.#deleteOld();
  }

  async #foldUnderWay(): Promise<void> {
    const hour = hourOf(this.#now);
    const soFar = this.#rowsOf(hour * HOUR_MS, this.#now);
    if (!(await hasMoreRows(this.#db, soFar, BUSY_ROWS))) return;
    await this.#foldHour(hour);
    this.#set({ underWayTo: this.#now });
  }

  async #foldUpTo(bound: (typeof STAGES)[number]["bound"], end: number, rowsFrom: number): Promise<void> {
    while (this.#hasLeft()) {
      const hour = await nextHour(this.#db, this.#tables, Math.max(this.#state[bound], rowsFrom));
      if (hour === null || hour >= end) return this.#set({ [bound]: Math.max(this.#state[bound], end) });
      await this.#foldHour(hour);
      this.#set({ [bound]: hour + 1 });
    }
  }

  /** Folds what the journal had before it had tallies, the newest hour first. */
  async #foldBackwards(rowsFrom: number): Promise<void> {
    while (this.#state.firstHour > 0 && this.#hasLeft()) {
      const hour = await previousHour(this.#db, this.#tables, this.#state.firstHour);
      const isLast = hour === null || hour < rowsFrom;
      if (!isLast) await this.#foldHour(hour);
      this.#set({ firstHour: isLast ? 0 : hour });
    }
  }

  /** Folds the days that have become complete: all of their hours are folded, and final. */
  async #foldDays(before: TallyState): Promise<void> {
    const [first, end] = [startDay(this.#state), endDay(this.#state)];
    const folded = before.firstHour === this.#state.firstHour ? endDay(before) : first;
    for (const day of await daysWithHours(this.#db, Math.max(first, folded), end)) await this.#foldDay(day);
  }

  async #foldLate(rowsFrom: number): Promise<void> {
    for (const late of await readLate(this.#db)) {
      if (!this.#hasLeft()) return;
      const { hour } = late;
      // Its row is gone, or its hours are: folding would replace the day by less.
      if (hour >= Math.max(rowsFrom, this.#state.hoursFrom)) {
        await this.#foldHour(hour);
        const day = Math.floor(hour / 24);
        if (day >= startDay(this.#state) && day < endDay(this.#state)) await this.#foldDay(day);
      }
      await unmark(this.#db, late);
    }
  }

  async #deleteOld(): Promise<void> {
    const day = Math.floor(this.#now / DAY_MS);
    const hoursFrom = Math.min(day - HOURS_KEPT_DAYS, endDay(this.#state)) * 24;
    if (this.#state.firstHour > 0 || hoursFrom <= this.#state.hoursFrom) return;
    await deletePeriodsBefore(this.#db, "tally_hours", hoursFrom);
    await deletePeriodsBefore(this.#db, "tally_days", day - DAYS_KEPT);
    this.#set({ hoursFrom });
  }

  /** Reads a part of a busy hour at a time, so that no query keeps the database for long. */
  async #foldHour(hour: number): Promise<void> {
    const tallies = new PeriodTallies();
    const end = (hour + 1) * HOUR_MS;
    let from = hour * HOUR_MS;
    let to = from + PART_MS;
    while (from < end) {
      const groups = await readGroups(this.#db, this.#rowsOf(from, to));
      tallies.addGroups(groups);
      this.#left.rows -= rowsOf(groups);
      [from, to] = [to, rowsOf(groups) < FEW_ROWS ? end : to + PART_MS];
    }
    await replacePeriod(this.#db, "tally_hours", hour, tallies);
    this.#left.hours -= 1;
  }

  async #foldDay(day: number): Promise<void> {
    await replacePeriod(this.#db, "tally_days", day, await sumOfDay(this.#db, day));
  }

  #rowsOf(from: number, to: number): RowsOf {
    return { tables: this.#tables, from, to };
  }

  #hasLeft(): boolean {
    return this.#left.hours > 0 && this.#left.rows > 0;
  }

  #set(change: Partial<TallyState>): void {
    this.#state = { ...this.#state, ...change };
  }
}
