import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { NoticeEvent } from "../../src/channels/channel.ts";
import { deploy } from "../../src/deployment.ts";
import { Capacity } from "../../src/journal/capacity.ts";
import { DAY_MS } from "../../src/platform/time.ts";
import { maintain } from "../../src/schedule.ts";
import { Deliveries } from "../../src/webhook-endpoints/deliveries.ts";
import { api, useDeployment } from "../deployment.ts";

useDeployment();
beforeEach(() => {
  vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

const size = async () => (await env.JOURNAL.prepare("SELECT 1").run()).meta.size_after;

/** Runs the schedule where the database takes a share of what it can hold, and returns what it publishes. */
async function run(percent: number, queueFault?: Error): Promise<readonly NoticeEvent[]> {
  const published: NoticeEvent[] = [];
  const deployment = deploy(env);
  const health = env.WHATSAPP_HEALTH.getByName("whatsapp");
  const notes = {
    note: (name: string) => health.note(name),
    keepNote: (name: string, text: string) => health.keepNote(name, text),
  };
  const capacity = new Capacity(env.JOURNAL, notes, ((await size()) * 100) / (percent + 0.5));
  const publish = async (events: readonly NoticeEvent[]) => {
    if (queueFault !== undefined) throw queueFault;
    published.push(...events);
  };
  await maintain({ ...deployment, capacity, publish }, "*/10 * * * *");
  return published;
}

describe("A journal whose database fills", () => {
  it("is told from 70 % on, once a day until it takes less, and shown by GET /health", async () => {
    const health = async () => (await api("GET", "/health")).body.journal;
    expect(await health()).toBeNull();
    expect(await run(69)).toEqual([]);
    expect(await health()).toEqual({ used_percent: 69, limit_bytes: 10_000_000_000, warning: false });
    const [warning, ...others] = await run(71);
    expect(warning).toMatchObject({
      type: "capacity.warning",
      data: { used_percent: 71, deletes_delivered_events: false },
    });
    expect(others).toEqual([]);
    expect(await health()).toMatchObject({ used_percent: 71, warning: true });
    expect(await run(72)).toEqual([]);
    vi.setSystemTime(Date.now() + DAY_MS);
    const [next] = await run(72);
    expect(next?.id).not.toBe(warning?.id);
    vi.setSystemTime(Date.now() + DAY_MS);
    expect(await run(60)).toEqual([]);
    expect(await health()).toMatchObject({ used_percent: 60, warning: false });
  });

  it("is told, also while the database cannot note which overdue deliveries are enqueued", async () => {
    const full = new Error("D1_ERROR: database or disk is full");
    const taken = vi.spyOn(Deliveries.prototype, "takeOverdue").mockRejectedValue(full);
    const [warning] = await run(95);
    taken.mockRestore();
    expect(warning?.data).toMatchObject({ used_percent: 95, deletes_delivered_events: true });
  });

  it("deletes delivered events from 90 % on, the oldest first, and nothing else", async () => {
    await env.JOURNAL.prepare(
      `WITH RECURSIVE made (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM made WHERE n < 2999)
       INSERT INTO webhook_deliveries (id, endpoint_id, event_id, type, payload, status, attempts, created_at, updated_at)
       SELECT printf('whd_%05d', n * 7919 % 3000), 'whe_' || n % 3, 'evt', 'verification.message', zeroblob(200),
         CASE n % 10 WHEN 0 THEN 'failed' WHEN 1 THEN 'pending' ELSE 'delivered' END, 1, ?1 - n * 120000, 0 FROM made`,
    )
      .bind(Date.now())
      .run();
    const left = async () => {
      const { results } = await env.JOURNAL.prepare(
        "SELECT status, count(*) AS n, min(created_at) AS oldest FROM webhook_deliveries GROUP BY 1 ORDER BY 1",
      ).all<{ status: string; n: number; oldest: number }>();
      return results;
    };
    const before = await left();
    await run(89);
    expect(await left()).toEqual(before);
    const [warning] = await run(95);
    // The day's warning is out already.
    expect(warning).toBeUndefined();
    const [delivered, ...others] = await left();
    expect(others).toEqual(before.slice(1));
    // Some 6 % of the database are wanted.
    const count = (before[0]?.n ?? 0) - (delivered?.n ?? 0);
    expect(count).toBeGreaterThan(50);
    expect(count).toBeLessThan(500);
    const { results } = await env.JOURNAL.prepare(
      "SELECT count(*) AS n FROM webhook_deliveries WHERE status = 'delivered' AND created_at >= ?1",
    )
      .bind(delivered?.oldest ?? 0)
      .all();
    expect(results).toEqual([{ n: delivered?.n }]);
    // Only the newest are left: what is gone is older than all of them, but for the span of six hours that was begun.
    const gone = Date.now() - (3000 - (count * 10) / 8) * 120_000;
    expect(Math.abs((delivered?.oldest ?? 0) - gone)).toBeLessThan(DAY_MS / 4);
    vi.setSystemTime(Date.now() + DAY_MS);
    // Also while the queue refuses the warning, which the next run repeats.
    const [unwarned] = await left();
    await run(95, new Error("The queue refuses"));
    expect((await left())[0]?.n).toBeLessThan(unwarned?.n ?? 0);
    expect((await run(95))[0]?.data).toMatchObject({ used_percent: 95, deletes_delivered_events: true });
  });
});
