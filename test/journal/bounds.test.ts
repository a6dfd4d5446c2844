import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { PhoneNumberName } from "../../src/ids/phone-number-name.ts";
import { ownerOf } from "../../src/ids/verification-id.ts";
import { MAX_COUNTED } from "../../src/journal/exact-stats.ts";
import { GROUPINGS } from "../../src/journal/funnel-query.ts";
import { enforceRetention, Journal } from "../../src/journal/journal.ts";
import { findConfirmed } from "../../src/journal/record.ts";
import { DAY_MS, HOUR_MS } from "../../src/platform/time.ts";
import { clear, drawHistory, eventsOf, fill, lastOf, randomFrom } from "./histories.ts";

const journal = new Journal(env.JOURNAL);
const TAG = "0123456789abcdef" as PhoneNumberName;
const OTHER_TAG = "fedcba9876543210" as PhoneNumberName;

beforeEach(clear);
afterEach(() => {
  vi.restoreAllMocks();
});

/** The query plan of every statement that a call prepares. */
async function plansOf(call: () => Promise<unknown>): Promise<string[]> {
  const prepare = vi.spyOn(env.JOURNAL, "prepare");
  await call();
  const statements = prepare.mock.calls.map(([sql]) => sql);
  prepare.mockRestore();
  const plans = statements.map(async (sql) => {
    const parameters = Array.from({ length: countOf(sql) }, () => 1);
    const { results } = await env.JOURNAL.prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .bind(...parameters)
      .all<{ detail: string }>();
    return results.map(({ detail }) => detail).join("\n");
  });
  return Promise.all(plans);
}

/** Counts the parameters of a statement, numbered or not. */
function countOf(sql: string): number {
  const numbers = [...sql.matchAll(/\?(\d*)/g)].map(([, number]) => number);
  return Math.max(...numbers.map(Number), numbers.filter((number) => number === "").length);
}

/** Counts the rows that the statements of a call read, as D1 bills them. */
async function rowsReadBy(call: () => Promise<unknown>): Promise<number> {
  const all = vi.spyOn(Object.getPrototypeOf(env.JOURNAL.prepare("SELECT 1").bind()), "all");
  await call();
  const results = await Promise.all(all.mock.results.map(({ value }) => value as Promise<D1Result>));
  all.mockRestore();
  return results.reduce((sum, { meta }) => sum + meta.rows_read, 0);
}

describe("The query plan of the journal", () => {
  const position = { createdAt: 5, id: lastOf(drawHistory(randomFrom(1))).id };
  it.each([
    ["The first page", { limit: 50 }],
    ["A later page", { limit: 50, after: position }],
    ["A page of a rare status", { limit: 50, status: "failed", after: position }],
  ] as const)(
    "%s is read in the order of the primary key, with a sort within one hour only",
    async (_, filter) => {
      await fill(TAG, 20_000, { everyMs: 1000 });
      for (const plan of await plansOf(() => journal.list(null, filter))) {
        expect(plan).not.toContain("TEMP B-TREE FOR ORDER BY");
        // Without a position the table is read from its newest row, up to the limit.
        if ("after" in filter) expect(plan).toMatch(/SEARCH verifications USING PRIMARY KEY \(.*hour<\?\)/);
      }
    },
  );

  it.each([
    ["A number", { limit: 50, tags: [TAG] }],
    ["A number under two keys", { limit: 50, tags: [TAG, OTHER_TAG] }],
    ["A later page of a number", { limit: 50, tags: [TAG], after: position, purpose: "login" }],
  ] as const)("%s is looked up in each hour", async (_, filter) => {
    const plans = await plansOf(() => journal.list(null, filter));
    expect(plans).toEqual([expect.stringContaining("PRIMARY KEY (hour=? AND number_tag=?)")]);
    expect(plans[0]).not.toContain("SCAN verifications");
  });

  it.each(GROUPINGS)("statistics by %s read the hours of their range only", async (by) => {
    const plans = await plansOf(() => journal.stats(null, { from: 0, to: 10, by, prices: {} }));
    for (const plan of plans.filter((text) => !text.includes("tally_state"))) {
      expect(plan).toContain("SEARCH verifications USING PRIMARY KEY (hour>? AND hour<?)");
      expect(plan).not.toMatch(/SCAN verifications/);
    }
  });

  it("attempts are counted and listed in the hours of their range only", async () => {
    const range = { from: 0, to: 10 };
    const any = { purpose: null, country: null, channel: null, callingCode: null };
    for (const read of [
      () => journal.countAttempts(null, { ...range, ...any }),
      () => journal.list(null, { ...range, test: false, country: "ID", limit: 50 }),
    ]) {
      for (const plan of await plansOf(read)) {
        expect(plan).toContain("SEARCH verifications USING PRIMARY KEY (hour>? AND hour<?)");
        expect(plan).not.toMatch(/SCAN verifications/);
      }
    }
  });

  it("the confirmation of an event searches by the whole primary key", async () => {
    const plans = await plansOf(() => findConfirmed(env.JOURNAL, eventsOf([drawHistory(randomFrom(1))])));
    expect(plans).toEqual([expect.stringContaining("PRIMARY KEY (hour=? AND number_tag=? AND id=?)")]);
  });

  it("retention deletes by the primary key", async () => {
    for (const plan of await plansOf(() => journal.deleteBefore(10))) expect(plan).not.toContain("SCAN");
  });

  it("a page reads the rows of its hours, and a number reads one row per hour, in a table of any size", async () => {
    const history = drawHistory(randomFrom(3), { createdAt: 100 * HOUR_MS });
    await journal.record(eventsOf([history]));
    const after = { ...position, createdAt: 150 * HOUR_MS };
    const tags = [ownerOf(lastOf(history).id)];
    let [earlier, hours] = [0, 0];
    for (const anHour of [60, 180]) {
      hours += 200;
      await fill(TAG, 200 * anHour, { first: (hours - 200) * HOUR_MS, everyMs: HOUR_MS / anHour });
      // Rows that are sorted count again.
      for (const filter of [{ limit: 50 }, { limit: 50, after }]) {
        expect(await rowsReadBy(() => journal.list(null, filter))).toBeLessThanOrEqual(3 * (51 + anHour));
      }
      const ofNumber = await rowsReadBy(() => journal.list(null, { limit: 50, tags }));
      expect(ofNumber - earlier).toBeLessThanOrEqual(200 + 10);
      earlier = ofNumber;
    }
  });
});

it("a filtered page scans 10,000 rows at most, and the next page continues from there", async () => {
  await fill(TAG, 25_000, { first: 1000, everyMs: 1000 });
  // The last row that the first page scans, because its id sorts last in its millisecond; and one near the end.
  for (const createdAt of [15_001_000, 2000]) {
    await journal.record(
      eventsOf([drawHistory(randomFrom(2), { createdAt, closedAt: 3, status: "failed" })]),
    );
  }
  const pages: number[] = [];
  let after: Awaited<ReturnType<typeof journal.list>>["next"] = null;
  do {
    const page = await journal.list(null, { limit: 50, status: "failed", after: after ?? undefined });
    pages.push(page.verifications.length);
    after = page.next;
  } while (after !== null);
  expect(pages).toEqual([1, 0, 1]);
});

it("statistics count 200,000 rows at most, the newest ones until there are tallies, and all from the tallies", async () => {
  await fill(TAG, MAX_COUNTED + 10, { first: 100, everyMs: 100 });
  const all = { from: 0, to: DAY_MS, by: "none", prices: {} } as const;
  const stats = await journal.stats(null, all);
  expect(stats.countedFrom).toBe(1001);
  expect(stats.funnels).toMatchObject([{ started: MAX_COUNTED }]);
  expect((await journal.stats(null, { ...all, from: 1001 })).countedFrom).toBe(1001);
  const attempts = { to: DAY_MS, purpose: null, country: null, channel: null, callingCode: null };
  expect(await journal.countAttempts(null, { ...attempts, from: 1000 })).toBeNull();
  expect(await journal.countAttempts(null, { ...attempts, from: 1001 })).not.toBeNull();

  await journal.foldTallies(10 * DAY_MS, 90);
  const tallied = { countedTo: DAY_MS, percentiles: "bucketed" };
  const complete = { ...tallied, countedFrom: 0, funnels: [{ started: MAX_COUNTED + 10 }] };
  expect(await journal.stats(null, all)).toMatchObject(complete);
  // An hour with too many rows to count a part of it is left out; it has 36,000 of them from 100 ms on.
  const later = { ...tallied, countedFrom: HOUR_MS, funnels: [{ started: MAX_COUNTED + 10 - 35_999 }] };
  expect(await journal.stats(null, { ...all, from: 1000 })).toMatchObject(later);
  expect(await rowsReadBy(() => journal.stats(null, all))).toBeLessThanOrEqual(50);
  expect(await journal.stats(null, { ...all, from: 1001 })).toMatchObject({
    percentiles: "exact",
    funnels: [{ started: MAX_COUNTED }],
  });
});

it("the queries in the comments of the migration find a number and a verification", async () => {
  const histories = [1, 2, 3].map((seed) => drawHistory(randomFrom(seed), { createdAt: seed * DAY_MS }));
  await journal.record(eventsOf(histories));
  const id = lastOf(histories[1] ?? []).id;
  const ask = (and: string) =>
    env.JOURNAL.prepare(
      `SELECT hour, id FROM verification_hours CROSS JOIN verifications USING (hour)
       WHERE number_tag = substr(?1, 5, 16) ${and}`,
    ).bind(id);
  const found = [{ hour: 48, id }];
  expect((await ask("").all()).results).toEqual(found);
  expect((await ask("AND id = ?1").all()).results).toEqual(found);
});

describe("The retention of the journal", () => {
  it("retention deletes verifications that started before its days, by whole hours, and no others", async () => {
    const info = vi.spyOn(console, "info").mockImplementation(() => {});
    const now = Date.UTC(2026, 10, 23);
    const start = (createdAt: number, seed: number) => drawHistory(randomFrom(seed), { createdAt });
    const retained = [start(now - 90 * DAY_MS, 1), start(now - DAY_MS, 2), start(now, 3)];
    await journal.record(
      eventsOf([...retained, start(now - 90 * DAY_MS - 1, 4), start(now - 400 * DAY_MS, 5)]),
    );
    await enforceRetention(journal, 90, now);
    // Verifications are deleted by whole hours: the rest of this hour stays.
    await enforceRetention(journal, 90, now + HOUR_MS - 1);
    const { results } = await env.JOURNAL.prepare("SELECT id FROM verifications ORDER BY created_at").all();
    expect(results.map(({ id }) => id)).toEqual(retained.map((history) => lastOf(history).id));
    expect(info.mock.calls).toEqual([[expect.stringContaining('"count":2')]]);
  });

  it("retention deletes all old rows in bounded steps", async () => {
    await fill(TAG, 12_000, { first: 0, everyMs: HOUR_MS / 1000 });
    const run = vi.spyOn(Object.getPrototypeOf(env.JOURNAL.prepare("SELECT 1").bind()), "run");
    expect(await journal.deleteBefore(11 * HOUR_MS)).toBe(11_000);
    // Three for these rows, and one for each of the three other tables, which are empty.
    expect(run).toHaveBeenCalledTimes(6);
    expect(await env.JOURNAL.prepare("SELECT count(*) AS n FROM verifications").first("n")).toBe(1000);
  });
});
