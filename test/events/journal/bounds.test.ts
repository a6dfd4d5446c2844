import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { GROUPINGS } from "../../../src/events/journal/funnel-query.ts";
import { Journal } from "../../../src/events/journal/journal.ts";
import { enforceRetention } from "../../../src/events/journal/retention.ts";
import { COUNTED_AT_MOST } from "../../../src/events/journal/stats.ts";
import type { PhoneNumberName } from "../../../src/verification/verification-id.ts";
import { clear, eventsOf, fill, lastOf, randomFrom, tell } from "./stories.ts";

const journal = new Journal(env.JOURNAL);
const TAG = "0123456789abcdef" as PhoneNumberName;
const DAY_MS = 86_400_000;

beforeEach(clear);
afterEach(() => {
  vi.restoreAllMocks();
});

/** Every statement that a call prepares, explained by SQLite, with what was bound to it left open. */
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

/** How many parameters a statement takes, numbered or not. */
function countOf(sql: string): number {
  const numbers = [...sql.matchAll(/\?(\d*)/g)].map(([, number]) => number);
  return Math.max(...numbers.map(Number), numbers.filter((number) => number === "").length);
}

describe("every query", () => {
  const after = { createdAt: 5, id: lastOf(tell(randomFrom(1))).id };
  it.each([
    ["the first page", { limit: 50 }],
    ["a later page", { limit: 50, after }],
    ["a rare status", { limit: 50, status: "failed", after }],
    ["a number", { limit: 50, tags: [TAG] }],
    ["a number's later page", { limit: 50, tags: [TAG], after, purpose: "login" }],
  ] as const)("finds %s in the order of an index, without sorting", async (_, filter) => {
    await fill(TAG, 20_000);
    const index = "tags" in filter ? "INDEX verifications_by_number (number_tag=?" : "PRIMARY KEY (";
    for (const plan of await plansOf(() => journal.list(filter))) {
      expect(plan).not.toContain("TEMP B-TREE");
      // With nothing to search for, the table is read from its newest end, as far as the limit.
      if ("tags" in filter || "after" in filter) expect(plan).toContain(index);
    }
  });

  it.each(GROUPINGS)("counts by %s within the range only", async (by) => {
    const plans = await plansOf(() => journal.stats({ from: 0, to: 10, by, prices: {} }));
    for (const plan of plans) {
      expect(plan).toContain("SEARCH verifications USING PRIMARY KEY (created_at>? AND created_at<?)");
      expect(plan).not.toMatch(/SCAN verifications/);
    }
  });

  it("reads no more rows for a page than it shows, however many there are", async () => {
    await fill(TAG, 20_000);
    const all = vi.spyOn(Object.getPrototypeOf(env.JOURNAL.prepare("SELECT 1").bind()), "all");
    await journal.list({ limit: 50 });
    await journal.list({ limit: 50, tags: [TAG], after: { ...after, createdAt: 10_000 } });
    const results = await Promise.all(all.mock.results.map(({ value }) => value as Promise<D1Result>));
    for (const { meta } of results) expect(meta.rows_read).toBeLessThanOrEqual(2 * 51);
  });
});

it("looks through 10,000 rows a page at most, and goes on from there on the next", async () => {
  await fill(TAG, 25_000);
  // The very last that the first page looks at, for its id comes first in its millisecond; and one at the end.
  for (const createdAt of [15_001, 2]) {
    await journal.record(eventsOf([tell(randomFrom(2), { createdAt, closedAt: 3, status: "failed" })]));
  }
  const pages: number[] = [];
  let after: Awaited<ReturnType<typeof journal.list>>["next"] = null;
  do {
    const page = await journal.list({ limit: 50, status: "failed", after: after ?? undefined });
    pages.push(page.verifications.length);
    after = page.next;
  } while (after !== null);
  expect(pages).toEqual([1, 0, 1]);
});

it("counts the newest 200,000 verifications at most, and says from when on", async () => {
  await fill(TAG, COUNTED_AT_MOST + 10);
  const all = { from: 0, to: DAY_MS, by: "none", prices: {} } as const;
  const stats = await journal.stats(all);
  expect(stats.countedFrom).toBe(11);
  expect(stats.funnels).toMatchObject([{ started: COUNTED_AT_MOST }]);
  expect((await journal.stats({ ...all, from: 11 })).countedFrom).toBe(11);
});

describe("retention", () => {
  it("forgets what started before its days, whole, and nothing else", async () => {
    const info = vi.spyOn(console, "info").mockImplementation(() => {});
    const now = Date.UTC(2026, 10, 23);
    const start = (createdAt: number, seed: number) => tell(randomFrom(seed), { createdAt });
    const kept = [start(now - 90 * DAY_MS, 1), start(now - DAY_MS, 2), start(now, 3)];
    await journal.record(eventsOf([...kept, start(now - 90 * DAY_MS - 1, 4), start(now - 400 * DAY_MS, 5)]));
    await enforceRetention(journal, 90, now);
    await enforceRetention(journal, 90, now);
    const { results } = await env.JOURNAL.prepare("SELECT id FROM verifications ORDER BY created_at").all();
    expect(results.map(({ id }) => id)).toEqual(kept.map((story) => lastOf(story).id));
    expect(info.mock.calls).toEqual([[expect.stringContaining('"count":2')]]);
  });

  it("goes on until it is done, in bounded steps", async () => {
    await fill(TAG, 12_000);
    const run = vi.spyOn(Object.getPrototypeOf(env.JOURNAL.prepare("SELECT 1").bind()), "run");
    expect(await journal.forget(11_001)).toBe(11_000);
    // Three for these, and one for each of the other three tables, which are empty.
    expect(run).toHaveBeenCalledTimes(6);
    expect(await env.JOURNAL.prepare("SELECT count(*) AS n FROM verifications").first("n")).toBe(1000);
  });
});
