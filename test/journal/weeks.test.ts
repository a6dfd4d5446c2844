import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { GuardEvent } from "../../src/guard/decision.ts";
import { DEFAULT_APP } from "../../src/ids/app-name.ts";
import { namesOf } from "../../src/ids/phone-number-name.ts";
import { ownerOf } from "../../src/ids/verification-id.ts";
import type { JournalFilter } from "../../src/journal/filter.ts";
import { GROUPINGS } from "../../src/journal/funnel-query.ts";
import { GuardLog } from "../../src/journal/guard-log.ts";
import { enforceRetention, Journal } from "../../src/journal/journal.ts";
import { findConfirmed } from "../../src/journal/record.ts";
import { JournalTables } from "../../src/journal/tables.ts";
import { PARTS, parseWeek, selectMissing, unionAll, weekOf } from "../../src/journal/weeks.ts";
import type { E164 } from "../../src/numbering/e164.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../src/platform/time.ts";
import { BEGINNING, batches, drawHistory, eventsOf, keyring, lastOf, randomFrom } from "./histories.ts";

afterEach(async () => {
  vi.restoreAllMocks();
  await reset();
});

const NUMBER = "+6281234567890" as E164;

async function idsIn(name: string): Promise<unknown[]> {
  const { results } = await env.JOURNAL.prepare(`SELECT id FROM ${name} ORDER BY created_at, id`).all();
  return results.map(({ id }) => id);
}

async function tablesOf(prefix: string): Promise<unknown[]> {
  const sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB ?1 ORDER BY name";
  return (await env.JOURNAL.prepare(sql).bind(`${prefix}*`).all()).results.map(({ name }) => name);
}

describe("The tables of the journal's weeks", () => {
  it.each([
    ["2026-11-22T23:59:59.999Z", "verifications_2026_w47"],
    ["2026-11-23T00:00:00Z", "verifications_2026_w48"],
    ["2027-01-03T12:00:00Z", "verifications_2026_w53"],
    ["2024-12-30T00:00:00Z", "verifications_2025_w01"],
    ["1970-01-01T00:00:00Z", "verifications_1970_w01"],
  ])("a verification of %s is in the table %s", (time, name) => {
    expect(weekOf("verifications", Date.parse(time)).name).toBe(name);
  });

  it("every week of 60 years is read back from the name of its table, and adjoins the next", () => {
    for (let time = Date.UTC(2000, 0, 1); time < Date.UTC(2060, 0, 1); time += 7 * DAY_MS) {
      const week = weekOf("notifications", time);
      expect(parseWeek("notifications", week.name)).toEqual(week);
      expect(weekOf("notifications", week.to).from).toBe(week.to);
      expect(new Date(week.from).getUTCDay()).toBe(1);
    }
    for (const name of ["verifications_2026_w47", "notifications_2025_w53", "notifications_week"]) {
      expect(parseWeek("notifications", name)).toBeNull();
    }
  });

  it("forty tables are united in their order by queries that the platform takes", async () => {
    const rows = Array.from({ length: 40 }, (_, n) => `SELECT ${n} AS n`);
    const { results } = await env.JOURNAL.prepare(unionAll(rows)).all();
    expect(results.map(({ n }) => n)).toEqual(rows.map((_, n) => n));
  });

  it("the first row of a week makes its table, also when several isolates write different weeks at once", async () => {
    const random = randomFrom(1);
    const histories = Array.from({ length: 30 }, (_, week) =>
      drawHistory(random, { createdAt: BEGINNING + (week % 10) * 7 * DAY_MS }),
    );
    // One journal for each isolate.
    await Promise.all(histories.map((history) => new Journal(env.JOURNAL).record(eventsOf([history]))));
    expect(await tablesOf("verifications_20")).toHaveLength(10);
    expect(await idsIn("verifications")).toHaveLength(30);
    const { verifications } = await new Journal(env.JOURNAL).list(null, { limit: 100 });
    expect(verifications).toHaveLength(30);
  });

  it("a daily run makes the tables of the next week, so that its first event costs one statement", async () => {
    const journal = new Journal(env.JOURNAL);
    await enforceRetention(journal, 90, BEGINNING);
    for (const part of PARTS)
      expect(await tablesOf(`${part}_20`)).toEqual([`${part}_2026_w48`, `${part}_2026_w49`]);
    const createdAt = BEGINNING + 7 * DAY_MS;
    await journal.record(eventsOf([drawHistory(randomFrom(1), { createdAt })]));
    const run = vi.spyOn(Object.getPrototypeOf(env.JOURNAL.prepare("SELECT 1").bind()), "run");
    const prepare = vi.spyOn(env.JOURNAL, "prepare");
    await journal.record(eventsOf([drawHistory(randomFrom(2), { createdAt })]));
    expect([run.mock.calls.length, prepare.mock.calls.length]).toEqual([1, 1]);
  });

  it("a daily run drops old tables also where the database has no room for a new one", async () => {
    vi.spyOn(console, "info").mockImplementation(() => {});
    const journal = new Journal(env.JOURNAL);
    await journal.record(eventsOf([drawHistory(randomFrom(1), { createdAt: BEGINNING - 100 * DAY_MS })]));
    vi.spyOn(Journal.prototype, "makeTables").mockRejectedValue(new Error("database or disk is full"));
    await expect(enforceRetention(journal, 90, BEGINNING)).rejects.toThrow("full");
    expect(await tablesOf("verifications_20")).toEqual([]);
  });

  it("a table that retention drops between two queries of a page fails no list", async () => {
    const journal = new Journal(env.JOURNAL);
    const histories = [0, 1].map((week) =>
      drawHistory(randomFrom(week), { createdAt: BEGINNING + week * 7 * DAY_MS }),
    );
    await journal.record(eventsOf(histories));
    const list = JournalTables.prototype.list;
    vi.spyOn(JournalTables.prototype, "list").mockImplementationOnce(async function (
      this: JournalTables,
      part,
    ) {
      const tables = await list.call(this, part);
      await new Journal(env.JOURNAL).removeBefore(BEGINNING + 7 * DAY_MS);
      return tables;
    });
    const { verifications } = await journal.list(null, { limit: 10 });
    expect(verifications.map(({ id }) => id)).toEqual([lastOf(histories[1] ?? []).id]);
  });
});

describe("A migration that adds columns to the model of the weeks' tables", () => {
  const journal = new Journal(env.JOURNAL);
  const range = { from: BEGINNING - DAY_MS, to: BEGINNING + 30 * DAY_MS };

  async function columnsOf(table: string): Promise<readonly unknown[]> {
    const { results } = await env.JOURNAL.prepare("SELECT name FROM pragma_table_info(?1)").bind(table).all();
    return results.map(({ name }) => name);
  }

  it.each(PARTS)(
    "leaves the order in which queries have them: %s from before there were weeks",
    async (part) => {
      const former = `SELECT *${selectMissing(part, { isFormer: true })} FROM ${part}_before_weeks`;
      await env.JOURNAL.prepare(`CREATE VIEW former AS ${former}`).run();
      expect(await columnsOf("former")).toEqual(await columnsOf(`${part}_week`));
    },
  );

  async function migrateWeeks() {
    // The former table has what the code knows of.
    await env.JOURNAL.prepare("DROP TABLE verifications_before_weeks").run();
    const createdAt = [0, 7, 14].map((days) => BEGINNING + days * DAY_MS);
    await journal.record(
      eventsOf(createdAt.map((at, seed) => drawHistory(randomFrom(seed), { createdAt: at }))),
    );
    for (const column of ["note TEXT", "score INTEGER NOT NULL DEFAULT 7", "place TEXT DEFAULT 'a b'"]) {
      await env.JOURNAL.prepare(`ALTER TABLE verifications_week ADD COLUMN ${column}`).run();
    }
    await expect(idsIn("verifications")).rejects.toThrow("same number of result columns");
  }

  async function expectComplete() {
    const { results } = await env.JOURNAL.prepare("SELECT note, score, place FROM verifications").all();
    expect(results).toEqual([1, 2, 3].map(() => ({ note: null, score: 7, place: "a b" })));
  }

  it("reaches the tables that exist by the daily run, also when several isolates add them at once", async () => {
    await migrateWeeks();
    await Promise.all([1, 2, 3].map(() => new Journal(env.JOURNAL).makeTables(BEGINNING)));
    await expectComplete();
  });

  const any = { purpose: null, country: null, channel: null, callingCode: null };
  it.each([
    ["statistics", () => journal.stats(null, { ...range, by: "none", prices: {} })],
    ["count of attempts", () => journal.countAttempts(null, { ...range, ...any })],
  ])("fails no %s, which completes the tables", async (_, count) => {
    await migrateWeeks();
    await count();
    await expectComplete();
  });

  it("fails no write of the new column, which completes the tables", async () => {
    await migrateWeeks();
    await new JournalTables(env.JOURNAL).use(
      "verifications",
      [BEGINNING],
      (time) => time,
      async ([group]) => {
        const insert = `INSERT INTO ${group?.table.name} (note, hour) SELECT 'a', 1 WHERE false`;
        await env.JOURNAL.prepare(insert).run();
      },
    );
    await expectComplete();
  });
});

/** Applies the migration to weeks, or all others. */
async function migrate(which: "others" | "weeks"): Promise<void> {
  const migrations = env.MIGRATIONS.filter(({ name }) => name.includes("weeks") === (which === "weeks"));
  await env.JOURNAL.batch(
    migrations.flatMap(({ queries }) => queries.map((query) => env.JOURNAL.prepare(query))),
  );
}

async function readAll(journal: Journal, filter: Omit<JournalFilter, "limit">) {
  const found: unknown[] = [];
  let after: JournalFilter["after"];
  for (let pages = 0; pages < 100; pages += 1) {
    const page = await journal.list(null, { ...filter, limit: 40, after });
    found.push(...page.verifications);
    if (page.next === null) return found;
    after = page.next;
  }
  throw new Error("The list does not end");
}

/** Everything that the journal answers. */
async function answersOf(journal: Journal) {
  const lists = [{}, { tags: namesOf(keyring, NUMBER) }, { status: "approved" }] as const;
  const range = { from: BEGINNING - 40 * DAY_MS, to: BEGINNING + 10 * DAY_MS };
  const any = { purpose: null, country: null, channel: null, callingCode: null };
  // The table from before has no senders.
  const groupings = GROUPINGS.filter((by) => by !== "sender");
  return {
    lists: await Promise.all(lists.map((filter) => readAll(journal, filter))),
    stats: await Promise.all(groupings.map((by) => journal.stats(null, { ...range, by, prices: {} }))),
    attempts: await journal.countAttempts(null, { ...range, ...any }),
  };
}

describe("A journal from before there were weeks", () => {
  const now = BEGINNING + 2 * DAY_MS + 10 * HOUR_MS + 20 * MINUTE_MS;
  const random = randomFrom(7);
  const histories = Array.from({ length: 300 }, (_, at) =>
    drawHistory(random, {
      createdAt: now - 5 * MINUTE_MS - (at === 0 ? 0 : random.below(30 * DAY_MS)),
      ...(at % 20 === 0 && { number: NUMBER }),
    }),
  );
  // Started before the migration and written after it, in the hour of the newest row and later.
  const later = [1, 30, 90].map((minutes) => drawHistory(random, { createdAt: now + minutes * MINUTE_MS }));
  const events = random.shuffled(eventsOf([...histories, ...later]));

  it("answers after the migration, with any rows from before it, as one that always had weeks", async () => {
    for (const batch of batches(events)) await new Journal(env.JOURNAL).record(batch);
    const expected = await answersOf(new Journal(env.JOURNAL));
    await reset();

    await migrate("others");
    // The new version, before the migration.
    const journal = new Journal(env.JOURNAL);
    const before = events.slice(0, 400);
    for (const batch of batches(before)) await journal.record(batch);
    expect(await tablesOf("verifications")).toEqual(["verifications"]);
    const { id } = lastOf(histories[0] ?? []);
    expect((await journal.list(null, { limit: 1, tags: [ownerOf(id)] })).verifications).toHaveLength(1);

    await migrate("weeks");
    // Repeats of rows that the former table has, and what is new.
    for (const batch of batches(events)) await journal.record(batch);
    expect(await answersOf(journal)).toEqual(expected);
    expect(await answersOf(new Journal(env.JOURNAL))).toEqual(expected);
    const ids = await idsIn("verifications");
    expect(new Set(ids).size).toBe(ids.length);
    const tables = new JournalTables(env.JOURNAL);
    const last = eventsOf(histories.map((history) => history.slice(-1)));
    expect((await findConfirmed(tables, last)).size).toBe(histories.length);
  });

  it("updates rows in the table that they are in, and ages out by rows, and then as a table", async () => {
    await reset();
    await migrate("others");
    const journal = new Journal(env.JOURNAL);
    await journal.record(eventsOf(histories.slice(0, 50).map((history) => history.slice(0, -1))));
    await journal.record(eventsOf(histories.slice(50)));
    await migrate("weeks");
    await journal.record(eventsOf([...histories, ...later]));
    expect(await idsIn("verifications")).toHaveLength(303);
    const inWeeks = (await tablesOf("verifications_20")).map(String);
    for (const name of inWeeks) {
      const former = new Set(await idsIn("verifications_before_weeks"));
      expect((await idsIn(name)).filter((id) => former.has(id))).toEqual([]);
    }
    vi.spyOn(console, "info").mockImplementation(() => {});
    await enforceRetention(journal, 10, now);
    const kept = histories
      .map(lastOf)
      .filter(({ createdAt }) => createdAt >= now - 20 * MINUTE_MS - 10 * DAY_MS);
    expect(new Set(await idsIn("verifications"))).toEqual(
      new Set([...kept, ...later.map(lastOf)].map(({ id }) => id)),
    );
    await enforceRetention(journal, 10, now + 11 * DAY_MS);
    expect(await tablesOf("verifications_before")).toEqual([]);
    expect(await idsIn("verifications")).toHaveLength(1);
  });

  it("keeps notifications and decisions where they are, and lists decisions in order", async () => {
    await reset();
    await migrate("others");
    const decisionAt = (at: number): GuardEvent => ({
      kind: "guard",
      id: `evt_${at}`,
      type: "guard.blocked",
      at,
      toSealed: "",
      decision: {
        rule: "range_hour",
        code: "traffic_blocked",
        refused: true,
        to: "+62812345****" as GuardEvent["decision"]["to"],
        country: "ID",
        purpose: "login",
        callerId: "key_1",
        app: DEFAULT_APP,
        figures: {},
        limits: {},
      },
    });
    const log = new GuardLog(env.JOURNAL);
    const times = [0, 1, 2, 8, 9].map((days) => BEGINNING + days * DAY_MS);
    await log.record(times.slice(0, 3).map(decisionAt));
    await migrate("weeks");
    // Repeats change nothing.
    await log.record(times.map(decisionAt));
    const page = async (after?: { createdAt: number; id: string }) =>
      (await log.decisions({ app: null, after, limit: 3 })).map(({ id }) => id);
    expect(await page()).toEqual(
      times
        .toReversed()
        .slice(0, 3)
        .map((at) => `evt_${at}`),
    );
    expect(await page({ createdAt: times[2] ?? 0, id: `evt_${times[2]}` })).toEqual(
      times
        .slice(0, 2)
        .toReversed()
        .map((at) => `evt_${at}`),
    );
    expect(await idsIn("guard_decisions")).toHaveLength(5);
  });

  it("takes no row of the version before once it has weeks, so that its events are retried", async () => {
    const insert = env.JOURNAL.prepare(
      `INSERT INTO verifications (hour, number_tag, id) SELECT 1, 'a', 'b' WHERE true
       ON CONFLICT (hour, number_tag, id) DO UPDATE SET status = excluded.status`,
    );
    await expect(insert.run()).rejects.toThrow("it is a view");
  });
});
