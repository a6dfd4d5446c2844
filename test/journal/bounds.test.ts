import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { PhoneNumberName } from "../../src/ids/phone-number-name.ts";
import { ownerOf, parseVerificationId } from "../../src/ids/verification-id.ts";
import { MAX_COUNTED } from "../../src/journal/exact-stats.ts";
import type { JournalFilter, Position } from "../../src/journal/filter.ts";
import { GROUPINGS } from "../../src/journal/funnel-query.ts";
import { enforceRetention, Journal } from "../../src/journal/journal.ts";
import { findConfirmed } from "../../src/journal/record.ts";
import type { JournaledVerification } from "../../src/journal/rows.ts";
import { MAX_SCANNED } from "../../src/journal/scan.ts";
import { JournalTables } from "../../src/journal/tables.ts";
import { weekOf } from "../../src/journal/weeks.ts";
import { parseCursor, serializeCursor } from "../../src/platform/cursor.ts";
import { DAY_MS, HOUR_MS } from "../../src/platform/time.ts";
import { clear, drawHistory, eventsOf, fill, fillFormer, lastOf, randomFrom } from "./histories.ts";

const journal = new Journal(env.JOURNAL);
const TAG = "0123456789abcdef" as PhoneNumberName;
const OTHER_TAG = "fedcba9876543210" as PhoneNumberName;

beforeEach(clear);
afterEach(() => {
  vi.restoreAllMocks();
});

/** Makes the database larger than those in which a number's rows are not looked up. */
const LARGE_ROWS = 60_000;

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
  const statement = Object.getPrototypeOf(env.JOURNAL.prepare("SELECT 1").bind());
  // `first()` does not return the figures.
  vi.spyOn(statement, "first").mockImplementation(async function (this: D1PreparedStatement, column) {
    const [row] = (await this.all<Record<string, unknown>>()).results;
    return row === undefined ? null : column === undefined ? row : row[String(column)];
  });
  const all = vi.spyOn(statement, "all");
  await call();
  const results = await Promise.all(all.mock.results.map(({ value }) => value as Promise<D1Result>));
  vi.restoreAllMocks();
  return results.reduce((sum, { meta }) => sum + meta.rows_read, 0);
}

/** Makes the tables of the first 90 days, and returns the number of tables of weeks. */
async function makeWeeks(): Promise<number> {
  const make = Array.from({ length: 14 }, (_, week) => weekOf("verifications", week * 7 * DAY_MS));
  await new JournalTables(env.JOURNAL).change("verifications", { make, drop: [] });
  const sql = "SELECT count(*) AS n FROM sqlite_schema WHERE name GLOB 'verifications_*_w[0-9]*'";
  return (await env.JOURNAL.prepare(sql).first<number>("n")) ?? 0;
}

describe("The query plan of the journal", () => {
  const position = { createdAt: 20 * HOUR_MS, id: lastOf(drawHistory(randomFrom(1))).id };

  it.each<[string, JournalFilter, string]>([
    ["The first page", { limit: 50 }, "SCAN verifications_1970_w01"],
    ["A later page", { limit: 50, after: position }, "PRIMARY KEY ((hour,minute)<(?,?))"],
    [
      "A later page of a full minute",
      { limit: 50, after: { ...position, byId: true } },
      "PRIMARY KEY ((hour,minute,number_tag,id)<(?,?,?,?))",
    ],
    [
      "A page of a rare status",
      { limit: 50, status: "failed", after: position },
      "PRIMARY KEY ((hour,minute)<(?,?))",
    ],
  ])("%s is read in the order of the primary key, without a sort", async (_, filter, search) => {
    await makeWeeks();
    await fill(TAG, 20_000, { everyMs: 1000 });
    const plans = await plansOf(() => journal.list(null, filter));
    const scan = plans.find((plan) => plan.includes("verifications_1970_w01"));
    // Without a position the tables are read from their newest rows, up to the limit.
    expect(scan).toContain(search);
    expect(scan).not.toContain("TEMP B-TREE");
    if (filter.status === undefined) {
      expect(plans.at(-1)).toContain("PRIMARY KEY (hour=? AND minute=? AND number_tag=? AND id=?)");
    }
  });

  it.each([
    ["A number", { limit: 50, tags: [TAG] }],
    ["A number under two keys", { limit: 50, tags: [TAG, OTHER_TAG] }],
    ["A later page of a number", { limit: 50, tags: [TAG], after: position, purpose: "login" }],
  ] as const)("%s is looked up in each minute, where the database is large", async (_, filter) => {
    await fill(TAG, LARGE_ROWS);
    const plans = await plansOf(() => journal.list(null, filter));
    expect(plans.at(-1)).toContain("PRIMARY KEY (hour=? AND minute=? AND number_tag=?)");
    expect(plans.at(-1)).not.toContain("SCAN verifications");
  });

  const any = { purpose: null, country: null, channel: null, callingCode: null };
  it.each([
    ...GROUPINGS.map(
      (by) =>
        [`statistics by ${by}`, () => journal.stats(null, { from: 0, to: 10, by, prices: {} })] as const,
    ),
    ["attempts", () => journal.countAttempts(null, { from: 0, to: 10, ...any })] as const,
  ])("%s read the hours of their range only, in every table", async (_, call) => {
    const count = await makeWeeks();
    const plans = await plansOf(call);
    expect(plans.length).toBeGreaterThan(1);
    for (const plan of plans.slice(1)) expect(plan).not.toMatch(/SCAN verifications_/);
    const searches = plans
      .at(-1)
      ?.match(/SEARCH verifications_\w+ USING PRIMARY KEY \(hour>\? AND hour<\?\)/g);
    // The empty model of the tables, and the table from before there were weeks.
    expect(searches).toHaveLength(count + 2);
  });

  it("the queries of the documentation reach the keys of every table", async () => {
    const count = await makeWeeks();
    const ofNumber =
      "hour IN (SELECT hour FROM verification_hours) AND minute IN (SELECT minute FROM verification_minutes) AND number_tag = ?";
    for (const [where, key] of [
      ["hour >= ? / 3600", "(hour>?)"],
      [ofNumber, "(hour=? AND minute=? AND number_tag=?)"],
    ] as const) {
      const sql = `SELECT country, count(*) FROM verifications WHERE ${where} GROUP BY country`;
      const [plan = ""] = await plansOf(() => env.JOURNAL.prepare(sql).bind(1).all());
      expect(plan.split(`USING PRIMARY KEY ${key}`).length - 1).toBeGreaterThanOrEqual(count + 1);
      expect(plan).not.toMatch(/SCAN verifications_\d/);
    }
  });

  it("the confirmation of an event searches by the whole primary key", async () => {
    const events = eventsOf([drawHistory(randomFrom(1))]);
    await journal.record(events);
    const plans = await plansOf(() => findConfirmed(new JournalTables(env.JOURNAL), events));
    expect(plans.at(-1)).toContain("PRIMARY KEY (hour=? AND minute=? AND number_tag=? AND id=?)");
  });
});

describe("In an hour of 3.6 million verifications", () => {
  const position = { createdAt: 30_000, id: lastOf(drawHistory(randomFrom(1))).id };

  it("a page reads 3,000 rows at most, and a number 1,500 for each day that it looks at", async () => {
    await makeWeeks();
    const history = drawHistory(randomFrom(3), { createdAt: 23 * HOUR_MS });
    await journal.record(eventsOf([history]));
    // Its first two minutes.
    await fill(TAG, 120_000, { first: 0 });
    for (const filter of [
      { limit: 100 },
      { limit: 100, after: { ...position, byId: true } },
      { limit: 100, status: "failed" },
      { limit: 100, status: "failed", after: { ...position, byId: true }, from: 1000, to: 100_000 },
    ] as const) {
      expect(await rowsReadBy(() => journal.list(null, filter))).toBeLessThanOrEqual(3000);
    }
    const tags = [ownerOf(lastOf(history).id)];
    expect(await rowsReadBy(() => journal.list(null, { limit: 50, tags }))).toBeLessThanOrEqual(1500 + 100);
  });

  it("the list contains each verification once, the newest minute first", async () => {
    const [minutes, aMinute] = [3, 2 * MAX_SCANNED + 100];
    const everyMs = Math.floor(60_000 / aMinute);
    for (let minute = 0; minute < minutes; minute += 1) {
      await fill(TAG, aMinute, { first: minute * 60_000, everyMs });
    }
    for (const createdAt of [30_000, 90_000, 200_000]) {
      await journal.record(
        eventsOf([drawHistory(randomFrom(createdAt), { createdAt, closedAt: 3, status: "failed" })]),
      );
    }
    for (const [status, expected] of [
      [undefined, minutes * aMinute + 3],
      ["failed", 3],
    ] as const) {
      const found = await readAll({ limit: 100, status });
      expect(new Set(found.map(({ id }) => id)).size).toBe(expected);
      expect(found).toHaveLength(expected);
      const inOrder = found.map(({ createdAt }) => Math.floor(createdAt / 60_000));
      expect(inOrder).toEqual(inOrder.toSorted((one, other) => other - one));
    }
  });

  it("the list leaves out and repeats none while a minute becomes too full to be sorted, and one page reads more", async () => {
    await fill(TAG, 1000, { first: 0, everyMs: 60 });
    const before = await readAll({ limit: 100 });
    const { verifications, next } = await journal.list(null, { limit: 100 });
    await fill(TAG, 6_000, { first: 1, everyMs: 8 });
    const seen = [...verifications];
    const reads: number[] = [];
    for (let after = next; after !== null; ) {
      const position: Position = after;
      reads.push(
        await rowsReadBy(async () => {
          const page = await journal.list(null, { limit: 100, after: position });
          seen.push(...page.verifications);
          after = page.next;
        }),
      );
    }
    const ids = new Set(seen.map(({ id }) => id));
    expect(ids.size).toBe(seen.length);
    expect(before.filter(({ id }) => !ids.has(id))).toEqual([]);
    expect(reads.filter((rows) => rows > 3000)).toHaveLength(1);
  });
});

/** Reads all pages of a list. */
async function readAll(filter: JournalFilter): Promise<readonly JournaledVerification[]> {
  const found: JournaledVerification[] = [];
  let after = filter.after;
  for (let pages = 0; pages < 1000; pages += 1) {
    const page = await journal.list(null, { ...filter, after });
    found.push(...page.verifications);
    if (page.next === null) return found;
    after = parseCursor(serializeCursor(page.next), parseVerificationId) ?? undefined;
  }
  throw new Error("The list does not end");
}

it("a filtered page scans a bounded number of rows, and the next page continues from there", async () => {
  await fill(TAG, 3 * MAX_SCANNED, { first: 1000, everyMs: 1000 });
  for (const createdAt of [2 * MAX_SCANNED * 1000, 2000]) {
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
  expect(pages).toEqual([0, 1, 0, 1]);
});

it("a number's page looks back over ten days where the database is large, and over all days where it is small", async () => {
  const now = Date.UTC(2026, 10, 23);
  const times = [now, now - 5 * DAY_MS, now - 15 * DAY_MS, now - 45 * DAY_MS];
  const number = "+6281234567890";
  const histories = times.map((createdAt, seed) => drawHistory(randomFrom(seed), { createdAt, number }));
  await journal.record(eventsOf(histories));
  const tags = [ownerOf(lastOf(histories[0] ?? []).id)];
  const pages = async () => {
    const found: number[] = [];
    let after: Awaited<ReturnType<typeof journal.list>>["next"] = null;
    do {
      const page = await journal.list(null, { limit: 50, tags, after: after ?? undefined });
      found.push(page.verifications.length);
      after = page.next;
    } while (after !== null);
    return found;
  };
  expect(await pages()).toEqual([4]);
  await fill(TAG, LARGE_ROWS, { first: now, everyMs: 1 });
  expect(await pages()).toEqual([2, 1, 0, 0, 1]);
});

it("a number's page repeats no verification of its last hour's first moment, under any of the number's names", async () => {
  const now = Date.UTC(2026, 10, 23);
  await fill(TAG, LARGE_ROWS, { first: now, everyMs: 1 });
  const oldest = { createdAt: now - 30 * DAY_MS, number: "+6281234567890" };
  await journal.record(eventsOf([drawHistory(randomFrom(1), oldest)]));
  // The first hour of the ten days.
  const createdAt = now - 239 * HOUR_MS;
  await fill("0000000000000000" as PhoneNumberName, 1, { first: createdAt });
  const tags = ["zzzzzzzzzzzzzzzz", "0000000000000000"] as PhoneNumberName[];
  const found = await readAll({ limit: 50, tags });
  expect(found.map((verification) => verification.createdAt)).toEqual([createdAt]);
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
  expect(await rowsReadBy(() => journal.stats(null, all))).toBeLessThanOrEqual(60);
  expect(await journal.stats(null, { ...all, from: 1001 })).toMatchObject({
    percentiles: "exact",
    funnels: [{ started: MAX_COUNTED }],
  });
}, 20_000);

describe("The retention of the journal", () => {
  afterEach(reset);

  it("retention deletes by the primary key", async () => {
    // Without a drop, so that the tables are there when their plans are read.
    vi.spyOn(JournalTables.prototype, "change").mockResolvedValue();
    const plans = await plansOf(() => journal.removeBefore(10));
    const deletes = plans.filter((plan) => plan.includes("PRIMARY KEY"));
    expect(deletes).toHaveLength(4);
    for (const plan of deletes) expect(plan).not.toContain("SCAN");
  });

  it("retention drops the tables of weeks whose newest row can only be too old, and writes 10 rows at most", async () => {
    const info = vi.spyOn(console, "info").mockImplementation(() => {});
    const now = Date.UTC(2026, 10, 23);
    const start = (createdAt: number, seed: number) => drawHistory(randomFrom(seed), { createdAt });
    const old = now - 90 * DAY_MS;
    // 90 days before that Monday is a Tuesday: its week is dropped six days later.
    const retained = [start(old, 1), start(now - DAY_MS, 2), start(now, 3)];
    await journal.record(eventsOf([...retained, start(old - 2 * DAY_MS, 4), start(old - 400 * DAY_MS, 5)]));
    await fill(TAG, 5000, { first: old - 7 * DAY_MS });
    await journal.makeTables(now);
    const statement = Object.getPrototypeOf(env.JOURNAL.prepare("SELECT 1").bind());
    const [run, batch] = [vi.spyOn(statement, "run"), vi.spyOn(env.JOURNAL, "batch")];
    await enforceRetention(journal, 90, now);
    const results = await Promise.all(
      [...run.mock.results, ...batch.mock.results].map(
        ({ value }) => value as Promise<D1Result | D1Result[]>,
      ),
    );
    expect(results.flat().reduce((sum, { meta }) => sum + meta.rows_written, 0)).toBeLessThanOrEqual(10);
    const { results: rows } = await env.JOURNAL.prepare(
      "SELECT id FROM verifications ORDER BY created_at",
    ).all();
    expect(rows.map(({ id }) => id)).toEqual(retained.map((history) => lastOf(history).id));
    expect(info.mock.calls.join()).toContain('"verifications_2026_w34"');
    await enforceRetention(journal, 90, now + 6 * DAY_MS - 1);
    expect(await env.JOURNAL.prepare("SELECT count(*) AS n FROM verifications").first("n")).toBe(3);
    await enforceRetention(journal, 90, now + 6 * DAY_MS);
    expect(await env.JOURNAL.prepare("SELECT count(*) AS n FROM verifications").first("n")).toBe(2);
  });

  it("retention deletes all old rows from before there were weeks in bounded steps, and then their table", async () => {
    await fillFormer(TAG, 12_000, { first: 0, everyMs: HOUR_MS / 1000 });
    const run = vi.spyOn(Object.getPrototypeOf(env.JOURNAL.prepare("SELECT 1").bind()), "run");
    expect(await journal.removeBefore(11 * HOUR_MS)).toMatchObject({ rows: 11_000 });
    // Three for these rows, and one for each of the three other tables, which are empty.
    expect(run).toHaveBeenCalledTimes(6);
    expect(await env.JOURNAL.prepare("SELECT count(*) AS n FROM verifications").first("n")).toBe(1000);
    const { tables } = await journal.removeBefore(12 * HOUR_MS);
    expect(tables).toEqual(["verifications_before_weeks"]);
    expect(await env.JOURNAL.prepare("SELECT count(*) AS n FROM verifications").first("n")).toBe(0);
  });
});

it("the queries in the comments of the migrations find a number and a verification", async () => {
  const histories = [1, 2, 3].map((seed) => drawHistory(randomFrom(seed), { createdAt: seed * DAY_MS }));
  await journal.record(eventsOf(histories));
  const id = lastOf(histories[1] ?? []).id;
  const found = [{ hour: 48, id }];
  for (const from of [
    `verifications WHERE hour IN (SELECT hour FROM verification_hours)
       AND minute IN (SELECT minute FROM verification_minutes) AND number_tag = substr(?1, 5, 16)`,
    "verification_hours CROSS JOIN verifications USING (hour) WHERE number_tag = substr(?1, 5, 16)",
  ]) {
    for (const and of ["", "AND id = ?1"]) {
      const { results } = await env.JOURNAL.prepare(`SELECT hour, id FROM ${from} ${and}`).bind(id).all();
      expect(results).toEqual(found);
    }
  }
});
