import { env } from "cloudflare:workers";
import { Buffer } from "node:buffer";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Event } from "../../src/events/event.ts";
import { ownerOf } from "../../src/ids/verification-id.ts";
import { Journal, recordInJournal } from "../../src/journal/journal.ts";
import { DAY_MS } from "../../src/platform/time.ts";
import {
  BEGINNING,
  batches,
  clear,
  drawHistory,
  dump,
  eventsOf,
  type History,
  lastOf,
  randomFrom,
  wamid,
} from "./histories.ts";

const journal = new Journal(env.JOURNAL);
const NUMBER = "+6281234567890";

beforeEach(async () => {
  // What is recorded much later than it happened is marked as late, which costs a statement.
  vi.useFakeTimers({ now: BEGINNING + DAY_MS, toFake: ["Date"] });
  await clear();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

async function rows() {
  return (await env.JOURNAL.prepare("SELECT * FROM verifications ORDER BY created_at, id").all()).results;
}

async function recordAll(events: ReturnType<typeof eventsOf>) {
  for (const batch of batches(events)) await journal.record(batch);
}

describe("Recording in the journal", () => {
  it("a verification has one row when it closes, and none before", async () => {
    const history = drawHistory(randomFrom(1), { number: NUMBER, country: "ID" });
    const closing = history.findIndex(({ closedAt }) => closedAt !== null);
    await journal.record(eventsOf([history.slice(0, closing)]));
    expect(await rows()).toEqual([]);
    await journal.record(eventsOf([history]));
    const last = lastOf(history);
    expect(await rows()).toMatchObject([
      {
        id: last.id,
        number_tag: ownerOf(last.id),
        number_masked: "+62*********90",
        country: "ID",
        status: last.status,
        purpose: last.purpose,
        channel: last.channel,
        revision: last.revision,
        created_at: last.createdAt,
        closed_at: last.closedAt,
        sends: last.messages.length,
      },
    ]);
  });

  it("repeated events in any order give the same rows", async () => {
    const random = randomFrom(2);
    const events = eventsOf(Array.from({ length: 150 }, () => drawHistory(random)));
    await recordAll(events);
    const expected = await rows();
    expect(expected).toHaveLength(150);
    await recordAll(events);
    expect(await rows()).toEqual(expected);

    for (let round = 0; round < 3; round += 1) {
      await clear();
      await recordAll(random.shuffled([...events, ...events.slice(0, 200)]));
      expect(await rows()).toEqual(expected);
    }
    await clear();
    for (const event of random.shuffled(events)) await journal.record([event]);
    expect(await rows()).toEqual(expected);
  });

  it.each<[string, Partial<History[number]["messages"][number]>[], Record<string, unknown>]>([
    ["an unreported message", [{ status: "queued" }], { sent_at: null, delivered_at: null, read_at: null }],
    ["a sent message", [{ status: "sent", updatedAt: 5 }], { sent_at: 5, delivered_at: null }],
    ["a read message", [{ status: "read", updatedAt: 7 }], { sent_at: 7, delivered_at: 7, read_at: 7 }],
    [
      "two messages, the first delivered",
      [
        { status: "delivered", updatedAt: 4 },
        { status: "read", updatedAt: 9, channel: "sms", template: null },
      ],
      { delivered_at: 4, read_at: 9, channel: "sms", template: null, sends: 2 },
    ],
    [
      "an error and then another channel",
      [
        { status: "failed", error: { code: "131026", title: "t", action: "a" } },
        { status: "sent", channel: "sms" },
      ],
      { error_code: "131026", error_channel: "whatsapp", channel: "sms" },
    ],
    [
      "a message that is not billed",
      [{ pricing: { category: "c", billable: false } }],
      { price_category: "c", billed_messages: 0 },
    ],
    [
      "two billed messages",
      [{ pricing: { category: "c", billable: true } }, { pricing: { category: "c", billable: true } }],
      { price_category: "c", billed_messages: 2 },
    ],
  ])("the row of a verification with %s has the columns that are counted", async (_, messages, columns) => {
    const [state] = drawHistory(randomFrom(3), { closedAt: 10 });
    const blank = {
      ...state?.messages.at(-1),
      pricing: null,
      error: null,
      channel: "whatsapp",
      createdAt: 0,
    };
    const verification = { ...state, messages: messages.map((message) => ({ ...blank, ...message })) };
    await journal.record(eventsOf([[verification as History[number]]]));
    expect(await rows()).toMatchObject([columns]);
  });

  it("a batch costs one statement, and a verification one row written for each new revision", async () => {
    const random = randomFrom(4);
    const now = Date.now();
    const histories = Array.from({ length: 50 }, () =>
      drawHistory(random, { createdAt: now, closedAt: now }),
    );
    const statements = vi.spyOn(env.JOURNAL, "prepare");
    const cost = vi.spyOn(Object.getPrototypeOf(env.JOURNAL.prepare("SELECT 1").bind()), "run");
    const costOf = async (events: ReturnType<typeof eventsOf>) => {
      cost.mockClear();
      await journal.record(events);
      expect(cost).toHaveBeenCalledTimes(1);
      const result = (await cost.mock.results[0]?.value) as D1Result;
      return result.meta.rows_written;
    };
    const first = histories.map(([state]) => state).filter((state) => state !== undefined);
    const newer = first.map((state) => ({ ...state, revision: 99 }));
    expect(await costOf(eventsOf([first.slice(0, 1)]))).toBe(1);
    expect(await costOf(eventsOf([first]))).toBe(49);
    expect(await costOf(eventsOf([newer]))).toBe(50);
    expect(await costOf(eventsOf([first, newer]))).toBe(0);
    expect(statements).toHaveBeenCalled();
  });

  it("the largest batch of the queue with the largest metadata is recorded in parameters that D1 accepts", async () => {
    const random = randomFrom(5);
    const metadata = Object.fromEntries(
      Array.from({ length: 16 }, (_, index) => [`key_${index}`, "\u0001".repeat(256)]),
    );
    const states = Array.from({ length: 100 }, () => ({ ...lastOf(drawHistory(random)), metadata }));
    const bind = vi.spyOn(Object.getPrototypeOf(env.JOURNAL.prepare("SELECT 1")), "bind");
    await journal.record(eventsOf(states.map((state) => [state])));
    // The limit of D1 for a parameter, which the local D1 does not enforce.
    for (const [json] of bind.mock.calls) expect(Buffer.byteLength(String(json))).toBeLessThan(2_000_000);
    expect(bind.mock.calls.length).toBeGreaterThan(1);
    expect(await rows()).toHaveLength(100);
  });

  it("a batch without verifications and notifications makes no query", async () => {
    const run = vi.spyOn(Object.getPrototypeOf(env.JOURNAL.prepare("SELECT 1").bind()), "run");
    const notice: Event = { kind: "notice", id: "evt_1", type: "sender.updated", at: 0, data: {} };
    await recordInJournal(journal, [notice]);
    expect(run).not.toHaveBeenCalled();
  });
});

it("the journal contains no full number, no code, no sealed value and no provider's message id, which contains the number", async () => {
  const random = randomFrom(5);
  const histories = Array.from({ length: 200 }, () => drawHistory(random));
  const known = drawHistory(random, { number: NUMBER });
  await recordAll(eventsOf([...histories, known]));
  expect(atob(wamid(NUMBER).slice("wamid.".length))).toContain("6281234567890");

  const text = await dump();
  expect(text).toContain(known[0]?.id);
  for (const secret of ["wamid", "6281234567890", "81234567890", "toSealed", known[0]?.toSealed, "482913"]) {
    expect(text).not.toContain(secret);
  }
  // Except for times, random ids and the team's own numbers, no value has as many digits as a phone number.
  const values = text.replace(/"\w+_at":\d{13}|vrf_\w{26}|"number_tag":"\w{16}"|"sender":"\d{15}"/g, "");
  expect(values).not.toMatch(/\d{7}/);
});
