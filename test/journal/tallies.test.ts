import { env } from "cloudflare:workers";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type AppName, DEFAULT_APP } from "../../src/ids/app-name.ts";
import type { PhoneNumberName } from "../../src/ids/phone-number-name.ts";
import { countRows } from "../../src/journal/exact-stats.ts";
import type { Funnel, StatsQuery } from "../../src/journal/funnel.ts";
import { GROUPINGS, type Grouping } from "../../src/journal/funnel-query.ts";
import { Journal } from "../../src/journal/journal.ts";
import { JournalTables } from "../../src/journal/tables.ts";
import { readTallyState } from "../../src/journal/tallies/state.ts";
import { readTallied } from "../../src/journal/tallies/stats.ts";
import type { EventVerification } from "../../src/phone-number/event.ts";
import { DAY_MS, HOUR_MS } from "../../src/platform/time.ts";
import { batches, clear, drawHistory, eventsOf, fill, randomFrom } from "./histories.ts";

const journal = new Journal(env.JOURNAL);
const PRICES = { ID: { authentication: 0.025, utility: 0.01 }, "*": { authentication: 0.03, utility: 0.02 } };
const MIDNIGHT = Date.UTC(2026, 10, 20);

afterEach(() => {
  vi.useRealTimers();
});

async function forget(...tables: readonly string[]): Promise<void> {
  await env.JOURNAL.batch(tables.map((table) => env.JOURNAL.prepare(`DELETE FROM ${table}`)));
}

async function foldAt(now: number): Promise<void> {
  vi.setSystemTime(now);
  await journal.foldTallies(now, 90);
}

async function tables(): Promise<unknown> {
  const [hours, days] = await env.JOURNAL.batch([
    env.JOURNAL.prepare("SELECT * FROM tally_hours"),
    env.JOURNAL.prepare("SELECT * FROM tally_days"),
  ]);
  return { hours: hours?.results, days: days?.results };
}

async function tallied(app: AppName | null, query: StatsQuery) {
  const state = await readTallyState(env.JOURNAL);
  if (state === null) throw new Error("Nothing has been folded");
  return readTallied(new JournalTables(env.JOURNAL), app, query, state);
}

/** A time from a histogram may be 7 % off; one below a second counts as a second. */
function within7Percent(exact: number | null): unknown {
  if (exact === null) return null;
  const time = Math.max(exact, 1000);
  return expect.toSatisfy((bucketed: number) => Math.abs(bucketed - time) <= 0.07 * time);
}

function asTallied({ p50Ms, p95Ms, messagesUsd, ...counts }: Funnel) {
  return {
    ...counts,
    p50Ms: within7Percent(p50Ms),
    p95Ms: within7Percent(p95Ms),
    messagesUsd: messagesUsd === null ? null : expect.closeTo(messagesUsd, 8),
  };
}

const journals = fc.record({
  seed: fc.nat(),
  hours: fc.array(fc.nat({ max: 95 }), { minLength: 1, maxLength: 8 }),
  rows: fc.integer({ min: 1, max: 80 }),
  folds: fc.array(fc.nat({ max: 130 * 60 }), { minLength: 1, maxLength: 5 }),
  range: fc.tuple(fc.nat({ max: 96 * 4 }), fc.integer({ min: 4, max: 96 * 4 })),
});

it("tallies equal an exact count of any journal, however often, early and late they are folded", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const end = MIDNIGHT + 7 * DAY_MS;
  await fc.assert(
    fc.asyncProperty(journals, async ({ seed, hours, rows, folds, range: [start, quarters] }) => {
      const random = randomFrom(seed);
      const histories = Array.from({ length: rows }, () => {
        const hour = hours[random.below(hours.length)] ?? 0;
        const createdAt = MIDNIGHT + hour * HOUR_MS + random.below(HOUR_MS);
        return drawHistory(random, { createdAt, app: random.pick([DEFAULT_APP, "shop" as AppName]) });
      });
      await clear();
      await forget("tally_hours", "tally_days", "tally_state", "tally_late");
      // Events come in any order, and some of them days later.
      const parts = batches(random.shuffled(eventsOf(histories)), Math.ceil((rows * 3) / folds.length));
      for (const [part, minute] of folds.toSorted((a, b) => a - b).entries()) {
        await foldAt(MIDNIGHT + minute * 60_000);
        await journal.record(parts[part] ?? []);
      }
      for (const rest of parts.slice(folds.length)) await journal.record(rest);
      await foldAt(end);
      const folded = await tables();

      await forget("tally_state");
      await foldAt(end);
      expect(await tables()).toEqual(folded);
      await forget("tally_hours", "tally_days", "tally_state");
      await foldAt(end);
      expect(await tables()).toEqual(folded);

      const from = MIDNIGHT + start * 15 * 60_000;
      for (const by of GROUPINGS) {
        const app = random.pick([null, DEFAULT_APP]);
        const query = { from, to: from + quarters * 15 * 60_000 + random.below(2), by, prices: PRICES };
        const exact = await countRows(env.JOURNAL, app, query, from);
        const stats = await tallied(app, query);
        if (stats === null) continue; // A range without a whole hour.
        const { countedFrom, countedTo, funnels } = exact;
        expect(stats).toEqual({
          countedFrom,
          countedTo,
          percentiles: "bucketed",
          funnels: funnels.map(asTallied),
        });
      }
    }),
    { numRuns: 10 },
  );
}, 60_000);

describe("The folding of tallies", () => {
  const TAG = "0123456789abcdef" as PhoneNumberName;
  const NOW = MIDNIGHT + 12.5 * HOUR_MS;
  const ofDays = (days: number, by: Grouping = "none") => ({
    from: NOW - days * DAY_MS,
    to: NOW,
    by,
    prices: {},
  });

  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    await clear();
    await forget("tally_hours", "tally_days", "tally_state", "tally_late");
  });

  /** Counts the rows that a run writes, as D1 bills them. */
  async function rowsWrittenAt(now: number): Promise<number> {
    const batch = vi.spyOn(env.JOURNAL, "batch");
    const run = vi.spyOn(Object.getPrototypeOf(env.JOURNAL.prepare("SELECT 1").bind()), "run");
    await foldAt(now);
    const batched = await Promise.all(batch.mock.results.map(({ value }) => value as Promise<D1Result[]>));
    const single = await Promise.all(run.mock.results.map(({ value }) => value as Promise<D1Result>));
    vi.restoreAllMocks();
    return [...batched.flat(), ...single].reduce((sum, { meta }) => sum + meta.rows_written, 0);
  }

  it("writes nothing while nothing happens, and days alone for what is older than 90 days", async () => {
    await fill(TAG, 240, { first: MIDNIGHT, everyMs: HOUR_MS / 10 });
    expect(await rowsWrittenAt(MIDNIGHT + 3 * DAY_MS)).toBeGreaterThan(24 * 7);
    for (const hours of [0, 1, 5])
      expect(await rowsWrittenAt(MIDNIGHT + 3 * DAY_MS + hours * HOUR_MS)).toBe(0);
    await clear();
    const to = MIDNIGHT + 100 * DAY_MS;
    await foldAt(to);
    expect(await env.JOURNAL.prepare("SELECT count(*) AS n FROM tally_hours").first("n")).toBe(0);
    const query = { from: MIDNIGHT, to, by: "none", prices: {} } as const;
    // The rows are gone from the journal, so that no count of them would be exact.
    expect(await journal.stats(null, query)).toMatchObject({
      countedFrom: MIDNIGHT,
      countedTo: to,
      percentiles: "bucketed",
      funnels: [{ started: 240 }],
    });
    expect(await journal.stats(null, { ...query, from: MIDNIGHT + 1 })).toMatchObject({
      countedFrom: MIDNIGHT + DAY_MS,
      funnels: [{ started: 0 }],
    });
    await foldAt(MIDNIGHT + 740 * DAY_MS);
    expect(await tables()).toEqual({ hours: [], days: [] });
  });

  it("keeps the counts of deleted rows while JOURNAL_RETENTION_DAYS is made shorter and longer again", async () => {
    const now = MIDNIGHT + 10 * DAY_MS;
    await fill(TAG, 240, { first: MIDNIGHT, everyMs: HOUR_MS / 10 });
    await foldAt(now);
    await journal.foldTallies(now + 600_000, 5);
    await clear();
    const query = { from: MIDNIGHT, to: now, by: "none", prices: {} } as const;
    const counted = { countedFrom: MIDNIGHT, funnels: [{ started: 240 }] };
    expect(await journal.stats(null, query)).toMatchObject(counted);
    await foldAt(now + DAY_MS);
    expect(await journal.stats(null, query)).toMatchObject(counted);
    // From an event that was delayed: its hour is not counted again from this row alone.
    await journal.record(eventsOf([drawHistory(randomFrom(8), { createdAt: MIDNIGHT })]));
    await foldAt(now + 2 * DAY_MS);
    expect(await journal.stats(null, query)).toMatchObject(counted);
  });

  it("counts a time to verify above eleven minutes as eleven", async () => {
    const approved = { createdAt: MIDNIGHT, closedAt: MIDNIGHT + HOUR_MS, status: "approved" } as const;
    await journal.record(eventsOf([drawHistory(randomFrom(9), approved)]));
    await foldAt(NOW);
    const minutes = ((await tallied(null, ofDays(1)))?.funnels[0]?.p95Ms ?? 0) / 60_000;
    expect(minutes).toBeCloseTo(11, 0);
  });

  it("drops a group that no verification of the hour belongs to any more", async () => {
    const [state] = drawHistory(randomFrom(6), { createdAt: NOW, closedAt: NOW, status: "failed" }).slice(-1);
    const record = (revision: number, code: string) => {
      const error = { code, title: "", action: "" };
      const messages = state?.messages.map((message) => ({ ...message, error }));
      return journal.record(eventsOf([[{ ...state, messages, revision } as EventVerification]]));
    };
    await record(1, "131026");
    await foldAt(NOW + HOUR_MS);
    await record(2, "131053");
    await foldAt(NOW + 3 * HOUR_MS);
    const errors = "SELECT name, started FROM tally_hours WHERE dimension = 'error'";
    expect((await env.JOURNAL.prepare(errors).all()).results).toEqual([{ name: "131053", started: 1 }]);
  });

  it("catches up with a journal that is older than tallies in several runs, and with missed runs", async () => {
    // From a Monday on: they are in the table of one week.
    await fill(TAG, 130, { first: NOW - 39 * DAY_MS, everyMs: HOUR_MS });
    await foldAt(NOW);
    // A run folds 100 hours.
    expect((await readTallyState(env.JOURNAL))?.firstHour).toBeGreaterThan(0);
    await foldAt(NOW + 600_000);
    expect((await readTallyState(env.JOURNAL))?.firstHour).toBe(0);
    await fill(TAG, 30, { first: NOW + HOUR_MS, everyMs: HOUR_MS });
    await foldAt(NOW + 4 * DAY_MS);
    const query = { ...ofDays(50), to: NOW + 4 * DAY_MS };
    expect(await tallied(null, query)).toMatchObject({ funnels: [{ started: 160 }] });
  });

  it("folds the hour under way where it is busy, and statistics leave out edges with too many rows", async () => {
    const everyMs = HOUR_MS / 30_000;
    await fill(TAG, 30_000, { first: MIDNIGHT + 8 * HOUR_MS, everyMs });
    await fill(TAG, 10_000, { first: MIDNIGHT + 12 * HOUR_MS, everyMs });
    await foldAt(NOW - 600_000);
    await fill(TAG, 5_000, { first: NOW - 600_000, everyMs });
    const query = { ...ofDays(1), from: MIDNIGHT + 8.5 * HOUR_MS };
    expect(await tallied(null, query)).toMatchObject({
      countedFrom: MIDNIGHT + 9 * HOUR_MS,
      countedTo: NOW - 600_000,
      funnels: [{ started: 10_000 }],
    });
    // An edge with fewer rows is counted.
    expect(await tallied(null, { ...query, to: MIDNIGHT + 12.25 * HOUR_MS, by: "hour" })).toMatchObject({
      countedTo: MIDNIGHT + 12.25 * HOUR_MS,
      funnels: [{ group: MIDNIGHT + 12 * HOUR_MS, started: 7_500 }],
    });
  });
});

it("statistics count rows where the tables of tallies are still to be made", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  await env.JOURNAL.exec("ALTER TABLE tally_state RENAME TO absent");
  const query = { from: MIDNIGHT, to: MIDNIGHT + DAY_MS, by: "none", prices: {} } as const;
  expect(await journal.stats(null, query)).toMatchObject({ percentiles: "exact" });
  await env.JOURNAL.exec("ALTER TABLE absent RENAME TO tally_state");
});
