import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { deploy } from "../../../src/deployment.ts";
import { Journal } from "../../../src/journal/journal.ts";
import { PLATFORM_COST_USD } from "../../../src/journal/platform-cost.ts";
import { DAY_MS, HOUR_MS } from "../../../src/platform/time.ts";
import { maintain } from "../../../src/schedule.ts";
import { api, useDeployment } from "../../deployment.ts";
import { clear, drawHistory, eventsOf, lastOf, randomFrom } from "../../journal/histories.ts";

useDeployment();
const journal = new Journal(env.JOURNAL);
const random = randomFrom(40);
const NOON = Date.UTC(2026, 10, 23, 12);

const stats = (query = "") => api("GET", `/v1/stats${query}`);

/** One verification started at a time, approved after so many seconds unless it expired. */
function started(at: number, seconds: number | null) {
  const [first] = drawHistory(random, {
    createdAt: at,
    closedAt: at + (seconds ?? 300) * 1000,
    country: "ID",
    channel: "whatsapp",
    status: seconds === null ? "expired" : "approved",
    messages: [],
  });
  return first === undefined ? [] : [first];
}

describe("statistics", () => {
  it("cover the last day by default", async () => {
    vi.useFakeTimers({ now: NOON, toFake: ["Date"] });
    const times = [1, 2, 3, 4, null, null].map((seconds) => started(NOON - HOUR_MS, seconds));
    await journal.record(eventsOf([...times, started(NOON - 25 * HOUR_MS, 9), started(NOON, 9)]));
    const { status, body } = await stats();
    expect(status).toBe(200);
    expect(body).toEqual({
      from: "2026-11-22T12:00:00.000Z",
      to: "2026-11-23T12:00:00.000Z",
      by: "none",
      counted_from: "2026-11-22T12:00:00.000Z",
      counted_to: "2026-11-23T12:00:00.000Z",
      percentiles: "exact",
      data: [
        {
          group: null,
          started: 6,
          sent: 0,
          delivered: 0,
          read: 0,
          approved: 4,
          conversion: 4 / 6,
          seconds_to_verify: { p50: 2, p95: 4 },
          billed_messages: {},
          cost: { platform_usd: expect.closeTo(6 * PLATFORM_COST_USD, 9), messages_usd: 0 },
        },
      ],
    });
  });

  it("are grouped by hour and by country, with a group for those without one", async () => {
    const nowhere = started(NOON, 5).map((state) => ({ ...state, country: null }));
    await journal.record(eventsOf([started(NOON - 1, 1), started(NOON, 3), nowhere]));
    const range = `from=2026-11-23&to=2026-11-24`;
    expect((await stats(`?${range}&by=hour`)).body.data).toMatchObject([
      { group: "2026-11-23T11:00:00.000Z", started: 1, seconds_to_verify: { p50: 1, p95: 1 } },
      { group: "2026-11-23T12:00:00.000Z", started: 2, seconds_to_verify: { p50: 3, p95: 5 } },
    ]);
    expect((await stats(`?${range}&by=country`)).body.data).toMatchObject([
      { group: null, started: 1 },
      { group: "ID", started: 2 },
    ]);
    expect((await stats(`?${range}&by=channel`)).body.data).toMatchObject([{ group: null, started: 3 }]);
  });

  it("are zero without verifications, and null where a ratio has no denominator", async () => {
    expect((await stats()).body.data).toMatchObject([
      {
        started: 0,
        conversion: null,
        seconds_to_verify: { p50: null, p95: null },
        cost: { platform_usd: 0 },
      },
    ]);
    expect((await stats("?by=template")).body.data).toEqual([]);
  });

  it.each([
    [
      "from=2026-11-23T07:00:00%2B07:00&to=2026-11-24",
      "2026-11-23T00:00:00.000Z",
      "2026-11-24T00:00:00.000Z",
    ],
    ["from=2026-11-23T07:00:00+07:00&to=2026-11-24", "2026-11-23T00:00:00.000Z", "2026-11-24T00:00:00.000Z"],
    ["to=2026-11-23T12:00:00.5Z", "2026-11-22T12:00:00.500Z", "2026-11-23T12:00:00.500Z"],
    ["from=2024-11-01&to=2026-11-02", "2024-11-01T00:00:00.000Z", "2026-11-02T00:00:00.000Z"],
  ])("reads the range ?%s", async (query, from, to) => {
    expect((await stats(`?${query}`)).body).toMatchObject({ from, to, counted_from: from });
  });

  it.each([
    ["from=2024-10-01&to=2026-11-02", "/from"],
    ["from=2024-10-01", "/from"],
    ["from=2026-11-02&to=2026-11-02", "/from"],
    ["from=yesterday", "/from"],
    ["from=2026-11-02T00:00:00", "/from"],
    ["to=1764000000", "/to"],
    ["to=2026-02-30", "/to"],
    ["by=day", "/by"],
    ["per=day", "/per"],
  ])("refuses ?%s and names the fault", async (query, pointer) => {
    vi.useFakeTimers({ now: NOON, toFake: ["Date"] });
    const { status, body } = await stats(`?${query}`);
    expect([status, body.code, body.errors[0].pointer]).toEqual([400, "invalid_request", pointer]);
  });
});

it("statistics are still there when the journal's rows have gone, from tallies that the schedule folds", async () => {
  vi.useFakeTimers({ now: NOON, toFake: ["Date"] });
  await journal.record(eventsOf([started(NOON - HOUR_MS, 3), started(NOON - HOUR_MS, null)]));
  // Every ten minutes in a deployment: the hour has ended, and then no status changes any more.
  for (const days of [0, 2, 91]) {
    vi.setSystemTime(NOON + days * DAY_MS);
    await maintain(deploy(env), "*/10 * * * *");
  }
  await clear();
  const { body } = await stats("?from=2026-11-23&to=2027-02-22&by=purpose");
  expect(body).toMatchObject({ counted_to: "2027-02-22T00:00:00.000Z", percentiles: "bucketed" });
  const counted = body.data.map(({ started: n, approved }: { started: number; approved: number }) => [
    n,
    approved,
  ]);
  expect(counted.flat().reduce((sum: number, n: number) => sum + n, 0)).toBe(3);
});

it("statistics price the billed messages by Meta's rate card where the deployment has no prices", async () => {
  const [story] = [drawHistory(random, { createdAt: NOON, country: "ID" })];
  const billed = { category: "authentication", billable: true };
  const states = story.map((state) => ({
    ...state,
    messages: state.messages.slice(0, 1).map((message) => ({ ...message, pricing: billed })),
  }));
  await journal.record(eventsOf([states]));
  const { body } = await stats("?from=2026-11-23&to=2026-11-24");
  expect(body.data).toMatchObject([
    { billed_messages: { authentication: 1 }, cost: { messages_usd: 0.025 } },
  ]);
});

it("statistics count a verification once, however often its events are delivered", async () => {
  const stories = Array.from({ length: 20 }, () => drawHistory(random, { createdAt: NOON }));
  await journal.record(eventsOf([...stories, ...stories]));
  const approved = stories.filter((story) => lastOf(story).status === "approved").length;
  const { body } = await stats("?from=2026-11-23&to=2026-11-24");
  expect(body.data).toMatchObject([{ started: 20, approved, conversion: approved / 20 }]);
});
