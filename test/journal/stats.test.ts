import { env } from "cloudflare:workers";
import { beforeAll, expect, it } from "vitest";
import { type AppName, DEFAULT_APP } from "../../src/ids/app-name.ts";
import type { Funnel } from "../../src/journal/funnel.ts";
import { GROUPINGS, type Grouping } from "../../src/journal/funnel-query.ts";
import { Journal } from "../../src/journal/journal.ts";
import type { MessagePrices } from "../../src/messages/whatsapp-prices.ts";
import type { EventVerification } from "../../src/phone-number/event.ts";
import { HOUR_MS } from "../../src/platform/time.ts";
import { BEGINNING, batches, drawHistory, eventsOf, lastOf, randomFrom } from "./histories.ts";

const journal = new Journal(env.JOURNAL);
const random = randomFrom(20);
const histories = Array.from({ length: 5_000 }, () =>
  drawHistory(random, { app: random.pick([DEFAULT_APP, "shop" as AppName]) }),
);

beforeAll(async () => {
  for (const batch of batches(random.shuffled(eventsOf(histories)))) await journal.record(batch);
});

const PRICES: MessagePrices = {
  ID: { authentication: 0.025, utility: 0.01 },
  BR: { utility: 0.007 },
  "*": { authentication: 0.03, utility: 0.02 },
};

function groupOf(verification: EventVerification, by: Grouping): Funnel["group"] {
  const newest = verification.messages.at(-1);
  const groups = {
    none: null,
    hour: Math.floor(verification.createdAt / HOUR_MS) * HOUR_MS,
    country: verification.country,
    channel: newest?.channel ?? null,
    template: newest?.template ?? null,
    purpose: verification.purpose,
    app: verification.app,
    sender: newest?.sender ?? null,
    language: newest?.language ?? null,
    error: verification.messages.findLast(({ error }) => error !== null)?.error?.code ?? null,
  };
  return groups[by];
}

/** Counts a group independently of the query. */
function count(
  verifications: readonly EventVerification[],
  group: Funnel["group"],
  prices: MessagePrices,
): Funnel {
  const reached = (...statuses: string[]) =>
    verifications.filter(({ messages }) => messages.some(({ status }) => statuses.includes(status))).length;
  const approved = verifications.filter(({ status }) => status === "approved");
  const times = approved.map(({ createdAt, closedAt }) => Number(closedAt) - createdAt).sort((a, b) => a - b);
  const rank = (percent: number) => times[Math.ceil((times.length * percent) / 100) - 1] ?? null;
  const billed = verifications.flatMap(({ messages, country }) =>
    messages.flatMap(({ pricing }) =>
      pricing?.billable ? [{ category: pricing.category, country: country ?? "*" }] : [],
    ),
  );
  const categories = Map.groupBy(billed, ({ category }) => category);
  const costs = billed.map(
    ({ category, country }) => prices[country]?.[category] ?? prices["*"]?.[category] ?? NaN,
  );
  const usd = costs.reduce((sum, cost) => sum + cost, 0);
  return {
    group,
    started: verifications.length,
    approved: approved.length,
    sent: reached("sent", "delivered", "read"),
    delivered: reached("delivered", "read"),
    read: reached("read"),
    p50Ms: rank(50),
    p95Ms: rank(95),
    billedMessages: Object.fromEntries([...categories].map(([category, all]) => [category, all.length])),
    messagesUsd: Number.isNaN(usd) ? null : expect.closeTo(usd, 8),
  };
}

it.each(GROUPINGS.flatMap((by) => [[by, PRICES] as const, [by, { "*": { utility: 0.1 } }] as const]))(
  "statistics by %s at the prices %j equal an independent count",
  async (by, prices) => {
    const from = BEGINNING + 7 * HOUR_MS + 1234;
    const to = BEGINNING + 55.5 * HOUR_MS;
    const inRange = histories.map(lastOf).filter(({ createdAt }) => createdAt >= from && createdAt < to);
    const groups = Map.groupBy(inRange, (verification) => groupOf(verification, by));
    const expected = [...groups].map(([group, members]) => count(members, group, prices));
    const stats = await journal.stats(null, { from, to, by, prices });
    expect(stats).toMatchObject({ countedFrom: from, countedTo: to, percentiles: "exact" });
    const inOrder = (funnels: readonly Funnel[]) => [...funnels].sort((a, b) => compare(a.group, b.group));
    expect(stats.funnels).toEqual(inOrder(stats.funnels));
    expect(stats.funnels).toEqual(inOrder(expected));
    expect(stats.funnels.length).toBeGreaterThan(by === "none" ? 0 : 1);
  },
);

function compare(a: Funnel["group"], b: Funnel["group"]): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null);
  return a < b ? -1 : Number(a > b);
}

it("statistics of a range without verifications are zero, and their cost is unknown without prices", async () => {
  const empty = { from: 0, to: 1, by: "none" } as const;
  const zeros = {
    group: null,
    started: 0,
    sent: 0,
    delivered: 0,
    read: 0,
    approved: 0,
    p50Ms: null,
    p95Ms: null,
  };
  expect((await journal.stats(null, { ...empty, prices: {} })).funnels).toEqual([
    { ...zeros, billedMessages: {}, messagesUsd: null },
  ]);
  expect((await journal.stats(null, { ...empty, prices: PRICES })).funnels).toMatchObject([
    { messagesUsd: 0 },
  ]);
  expect((await journal.stats(null, { ...empty, by: "hour", prices: {} })).funnels).toEqual([]);
});
