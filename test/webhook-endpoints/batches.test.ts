import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import type { Event } from "../../src/events/event.ts";
import { DEFAULT_APP } from "../../src/ids/app-name.ts";
import { BATCHED_EVENT_BYTES } from "../../src/scale/per-verification.ts";
import { listDeliveries, replay, replayFailed, sendTest } from "../../src/webhook-endpoints/manual.ts";
import { deliverEvents } from "../../src/webhook-endpoints/queue.ts";
import { deleteOldDeliveries } from "../../src/webhook-endpoints/retention.ts";
import { noticeEvent, verificationEvent } from "./events.ts";
import { DAY, HOUR, MINUTE, rows, SECOND, useRig } from "./rig.ts";

/** On a future day: an alarm that is set in the platform's past runs at once. */
const START = (Math.floor(Date.now() / DAY) + 2) * DAY + 10 * HOUR;
const HOST = "shop.example.com";
const BATCH = { maxEvents: 10, maxWaitMs: 1_000 };

const rig = useRig(START);

const numberOf = (index: number) => `+62812${String(10_000_000 + index)}`;
const event = (index: number, type?: Parameters<typeof verificationEvent>[2]) =>
  verificationEvent(rig().keyring, numberOf(index), type);
const events = (count: number, first = 0) =>
  Array.from({ length: count }, (_, index) => event(first + index));
const deliver = (...given: readonly Event[]) => deliverEvents(given, rig().webhooks);
const register = (batch = BATCH) => rig().register(HOST, null, DEFAULT_APP, batch);
const laneOf = (endpointId: string) => env.ENDPOINT_LANES.getByName(`${endpointId}/0`);
const failWith = (status: number) => rig().answers.set(HOST, () => new Response("no", { status }));
const recover = () => rig().answers.delete(HOST);

/** The ids of the events of each request, in the order of their arrival. */
const received = () =>
  rig().received.map(({ event: body }) => body.data.map(({ id }: Event) => id) as string[]);
const ids = (given: readonly Event[]) => given.map(({ id }) => id);

const alarmOf = (endpointId: string) =>
  runInDurableObject(laneOf(endpointId), (_, { storage }) => storage.getAlarm());

/** Advances the clock and runs the lane's alarm whenever it is due. */
async function runFor(endpointId: string, milliseconds: number): Promise<void> {
  const until = Date.now() + milliseconds;
  for (;;) {
    const dueAt = await alarmOf(endpointId);
    if (dueAt === null || dueAt > until) break;
    vi.setSystemTime(Math.max(dueAt, Date.now()));
    await runDurableObjectAlarm(laneOf(endpointId));
  }
  vi.setSystemTime(until);
}

const page = async (endpointId: string, onlyFailed = false, limit = 100) => {
  const endpoint = await rig().webhooks.endpoints.get(endpointId, null);
  if (endpoint === null) throw new Error("The endpoint should exist");
  return (await listDeliveries(endpoint, { onlyFailed, limit, after: null }, rig().webhooks)).deliveries;
};

const statuses = async (endpointId: string) => {
  const counted = new Map<string, number>();
  for (const { status } of await page(endpointId)) counted.set(status, (counted.get(status) ?? 0) + 1);
  return Object.fromEntries(counted);
};

describe("A webhook endpoint that takes batches", () => {
  it("gets several events in one signed request, each with its own id and as its own request would be", async () => {
    const batched = await register();
    await rig().register("single.example.com");
    const given = [event(1), noticeEvent(rig().keyring, numberOf(2))];
    await deliver(...given);
    await rig().runFor(0);
    expect(rig().received.filter(({ host }) => host === HOST)).toEqual([]);
    await runFor(batched, SECOND);

    const singles = rig().received.filter(({ host }) => host !== HOST);
    const [batch, ...more] = rig().received.filter(({ host }) => host === HOST);
    expect(more).toEqual([]);
    expect(batch?.id).toMatch(/^evb_[0-9a-z]{26}$/);
    expect(batch?.at).toBe(START + SECOND);
    expect(batch?.event).toEqual({
      type: "batch",
      data: given.map(({ id }) => ({ id, ...singles.find((single) => single.id === id)?.event })),
    });
    expect(await rows()).toHaveLength(2);
  });

  it("gets a full batch at once and the rest after its wait", async () => {
    const endpoint = await register();
    const given = events(25);
    await deliver(...given);
    await runFor(endpoint, 0);
    expect(received()).toEqual([ids(given.slice(0, 10)), ids(given.slice(10, 20))]);
    await runFor(endpoint, 999);
    expect(received()).toHaveLength(2);
    await runFor(endpoint, 1);
    expect(received()[2]).toEqual(ids(given.slice(20)));
  });

  it("gets what several calls of the consumer hand over within the wait in one request, from one row", async () => {
    const endpoint = await register();
    const given = events(6);
    for (const one of given) await deliver(one);
    const keys = await runInDurableObject(
      laneOf(endpoint),
      (_, { storage }) => [...storage.kv.list()].length,
    );
    expect(keys).toBe(1);
    await runFor(endpoint, SECOND);
    expect(received()).toEqual([ids(given)]);
  });

  it("gets an event once when the queue repeats it before, during and after its delivery, also after an eviction", async () => {
    const endpoint = await register();
    const given = events(12);
    await deliver(...given, ...given);
    await deliver(...given);
    await evictDurableObject(laneOf(endpoint));
    await deliver(...given.slice(3));
    await runFor(endpoint, SECOND);
    await deliver(...given);
    await evictDurableObject(laneOf(endpoint));
    await deliver(...given);
    await runFor(endpoint, DAY);
    expect(received().flat().sort()).toEqual(ids(given).sort());
  });

  it("gets at most six requests side by side, none of them with an earlier event of a number unacknowledged", async () => {
    const endpoint = await register({ maxEvents: 5, maxWaitMs: 100 });
    const underway = new Map<string, readonly string[]>();
    let most = 0;
    const overtaken: string[] = [];
    rig().answers.set(HOST, async ({ id, event: { data } }) => {
      const numbers = data.map(({ data: { to } }: { data: { to: string } }) => to);
      overtaken.push(...[...underway.values()].flat().filter((number) => numbers.includes(number)));
      underway.set(id, numbers);
      most = Math.max(most, underway.size);
      // Later events of the first five numbers come up while their first batch is on its way.
      await scheduler.wait(numbers.includes(numberOf(0)) ? 60 : 5);
      underway.delete(id);
      return new Response();
    });
    const given = Array.from({ length: 160 }, (_, index) => event(index % 40, "verification.message"));
    await deliver(...given);
    await runFor(endpoint, SECOND);
    expect([most, overtaken]).toEqual([6, []]);
    expect(received().flat()).toHaveLength(160);
    for (let number = 0; number < 40; number += 1) {
      const own = ids(given.filter((_, index) => index % 40 === number));
      expect(
        received()
          .flat()
          .filter((id) => own.includes(id)),
      ).toEqual(own);
    }
  });

  it("gets a test event as a batch of one", async () => {
    const endpoint = await register();
    const result = await sendTest(endpoint, null, rig().webhooks);
    expect(result?.delivered).toBe(true);
    expect(rig().received[0]?.event).toMatchObject({
      type: "batch",
      data: [{ id: result?.eventId, type: "endpoint.test", data: { endpoint_id: endpoint } }],
    });
  });

  it("gets batches signed with both secrets for a day after a rotation", async () => {
    const endpoint = await register();
    await rig().webhooks.endpoints.rotate(endpoint, null, Date.now());
    await deliver(event(1));
    await runFor(endpoint, SECOND);
    await runFor(endpoint, DAY);
    const rotated = await rig().webhooks.endpoints.target(endpoint, null, Date.now());
    rig().secrets.set(HOST, rotated?.secrets[0] ?? "");
    await deliver(event(2));
    await runFor(endpoint, SECOND);
    expect(rig().received.map(({ signatures }) => signatures)).toEqual([2, 1]);
  });
});

describe("A batch that fails", () => {
  it("a batch that fails comes again by the schedule of single deliveries with the same id and events, and holds back its own numbers only", async () => {
    const endpoint = await register({ maxEvents: 2, maxWaitMs: 100 });
    const poison = event(1);
    // It waits in memory when the batch fails; the others come later.
    const early = event(1);
    rig().answers.set(HOST, ({ event: { data } }) =>
      data.some(({ id }: Event) => id === poison.id) ? new Response("no", { status: 500 }) : new Response(),
    );
    const [first, later] = [
      [poison, event(2)],
      [event(1), event(3), event(2)],
    ];
    await deliver(...first, early);
    await runFor(endpoint, SECOND);
    await deliver(...later);
    await runFor(endpoint, SECOND);
    expect(received()).toEqual([ids(first), ids(later.slice(1, 2))]);
    // A later event of another batch, as after an isolate was replaced.
    await evictDurableObject(laneOf(endpoint));
    const last = event(2);
    await deliver(last);
    await runFor(endpoint, 4 * SECOND);
    expect(received()).toHaveLength(3);
    recover();
    await runFor(endpoint, 5 * MINUTE);
    expect(received().slice(2)).toEqual([
      ids(first),
      ids(first),
      ids([early, later[0] as Event]),
      ids([later[2] as Event, last]),
    ]);
    const requests = rig().received.filter(({ event: { data } }) => data[0].id === poison.id);
    expect(new Set(requests.map(({ id }) => id)).size).toBe(1);
    expect(requests.map(({ at }) => at - (requests[0]?.at ?? 0))).toEqual([
      0,
      5 * SECOND,
      5 * SECOND + 5 * MINUTE,
    ]);
    expect(await statuses(endpoint)).toEqual({ delivered: 7 });
  });

  it("a batch fails for good after ten attempts, and stays in the list of failed deliveries until a replay delivers it", async () => {
    const endpoint = await register({ maxEvents: 3, maxWaitMs: 100 });
    const poison = event(1);
    rig().answers.set(HOST, ({ event: { data } }) =>
      data.some(({ id }: Event) => id === poison.id) ? new Response("no", { status: 500 }) : new Response(),
    );
    await deliver(poison, event(2));
    const behind = event(1);
    await runFor(endpoint, SECOND);
    await deliver(behind);
    await runFor(endpoint, 4 * DAY);
    expect(rig().received.filter(({ event: { data } }) => data[0].id === poison.id)).toHaveLength(10);
    expect(received().at(-1)).toEqual([behind.id]);
    const failed = await page(endpoint, true);
    expect(failed).toMatchObject([
      {
        status: "failed",
        attempts: 10,
        lastStatus: 500,
        lastError: "The endpoint answered 500.",
        nextAttemptAt: null,
      },
      { eventId: poison.id, type: "verification.approved" },
    ]);

    recover();
    const dead = failed.find(({ eventId }) => eventId === poison.id);
    const found = await rig().webhooks.endpoints.get(endpoint, null);
    if (found === null) throw new Error("The endpoint should exist");
    const replayed = await replay(dead?.id ?? "", found, rig().webhooks);
    expect(replayed).toMatchObject({ status: "pending", attempts: 0, eventId: poison.id });
    expect((await page(endpoint)).find(({ id }) => id === replayed?.id)).toEqual(replayed);
    await runFor(endpoint, SECOND);
    expect(received().at(-1)).toEqual([poison.id]);
    expect(await page(endpoint, true)).toHaveLength(1);
    const again = () => replayFailed(found, START, rig().webhooks);
    expect(await again()).toEqual({ count: 1, next: null });
    await runFor(endpoint, SECOND);
    expect(await statuses(endpoint)).toEqual({ delivered: 3 });
    expect(await again()).toEqual({ count: 0, next: null });
  });

  it("a batch whose answer is 410 disables the endpoint, and what waits fails for good", async () => {
    const endpoint = await register();
    failWith(410);
    await deliver(...events(25));
    await runFor(endpoint, HOUR);
    expect(await rig().webhooks.endpoints.get(endpoint, null)).toMatchObject({
      status: "disabled",
      disabledReason: "gone",
    });
    expect(await statuses(endpoint)).toEqual({ failed: 25 });
    const sent = rig().received.length;
    await rig().webhooks.endpoints.update(endpoint, null, { status: "enabled" });
    recover();
    expect(await rig().webhooks.lanes.replayFailed(endpoint, 0, 15)).toBe(20);
    expect(await rig().webhooks.lanes.replayFailed(endpoint, 0, 15)).toBe(5);
    await runFor(endpoint, HOUR);
    expect(received().slice(sent).flat()).toHaveLength(25);
    expect(await statuses(endpoint)).toEqual({ delivered: 25 });
  });

  it("an endpoint that is down gets one request a minute, gets all in order once it is up, and is disabled after five days", async () => {
    const endpoint = await register({ maxEvents: 2, maxWaitMs: 100 });
    failWith(503);
    const given = Array.from({ length: 60 }, (_, index) => event(index % 15));
    for (let first = 0; first < 60; first += 10) {
      await deliver(...given.slice(first, first + 10));
      await runFor(endpoint, SECOND);
    }
    await runFor(endpoint, 10 * MINUTE);
    const before = rig().received.length;
    await runFor(endpoint, 10 * MINUTE);
    expect(rig().received.length - before).toBeLessThan(13);
    await evictDurableObject(laneOf(endpoint));
    recover();
    const failed = rig().received.length;
    await runFor(endpoint, 2 * MINUTE);
    const arrived = received().slice(failed).flat();
    expect(arrived.toSorted()).toEqual(ids(given).toSorted());
    for (let number = 0; number < 15; number += 1) {
      const own = ids(given.filter((_, index) => index % 15 === number));
      expect(arrived.filter((id) => own.includes(id))).toEqual(own);
    }

    failWith(503);
    await deliver(event(1));
    await runFor(endpoint, 5 * DAY);
    await deliver(event(1));
    await runFor(endpoint, MINUTE);
    expect(await rig().webhooks.endpoints.get(endpoint, null)).toMatchObject({ disabledReason: "failing" });
  });
});

describe("The lane of a webhook endpoint", () => {
  it("loses nothing when its object crashes in any request, and repeats what was not acknowledged", async () => {
    const endpoint = await register({ maxEvents: 4, maxWaitMs: 100 });
    const given = events(30);
    await deliver(...given.slice(0, 25));
    for (const late of given.slice(25)) {
      let hasArrived = false;
      rig().answers.set(HOST, async () => {
        hasArrived = true;
        await scheduler.wait(20);
        return new Response();
      });
      const alarm = runDurableObjectAlarm(laneOf(endpoint)).catch(() => {});
      while (!hasArrived) await scheduler.wait(1);
      await runInDurableObject(laneOf(endpoint), (_, state) => state.abort("crash")).catch(() => {});
      await alarm;
      // The platform would repeat the alarm; here the next events set it.
      await deliver(late);
      vi.setSystemTime(Date.now() + SECOND);
    }
    recover();
    await deliver(event(99));
    await runFor(endpoint, MINUTE);
    const arrived = received().flat();
    expect(ids(given).filter((id) => !arrived.includes(id))).toEqual([]);
    expect(arrived.length).toBeGreaterThan(31);
    expect(await statuses(endpoint)).toEqual({ delivered: 31 });
  });

  it("keeps an event of which the database cannot say where it is to go", async () => {
    const endpoint = await register();
    await deliver(event(1));
    const broken = vi.spyOn(env.JOURNAL, "prepare").mockImplementation(() => {
      throw new Error("D1_ERROR: the database is down");
    });
    await runFor(endpoint, 5 * SECOND);
    expect(received()).toEqual([]);
    broken.mockRestore();
    await runFor(endpoint, 10 * SECOND);
    expect(received()).toHaveLength(1);
  });

  it("posts what it has singly once the endpoint takes no batches, and what comes later by the queue", async () => {
    const endpoint = await register({ maxEvents: 2, maxWaitMs: 1_000 });
    failWith(500);
    const given = [event(1), event(2), event(1), event(3)];
    await deliver(...given.slice(0, 3));
    await runFor(endpoint, 2 * SECOND);
    await rig().webhooks.endpoints.update(endpoint, null, { batch: null });
    recover();
    const sent = rig().received.length;
    await deliver(given[3] as Event);
    await rig().runFor(0);
    await runFor(endpoint, HOUR);
    const singles = rig().received.slice(sent);
    expect(singles.map(({ id }) => id).toSorted()).toEqual(ids(given).toSorted());
    expect(singles.every(({ event: { type } }) => type === "verification.approved")).toBe(true);
    expect(singles.findIndex(({ id }) => id === given[0]?.id)).toBeLessThan(
      singles.findIndex(({ id }) => id === given[2]?.id),
    );
    expect(await statuses(endpoint)).toEqual({ delivered: 4 });

    // And back.
    await rig().webhooks.endpoints.update(endpoint, null, { batch: BATCH });
    await deliver(event(4));
    await runFor(endpoint, SECOND);
    expect(rig().received.at(-1)?.event.type).toBe("batch");
  });

  it("lists deliveries in pages, newest first, those of their own requests among them", async () => {
    const endpoint = await rig().register(HOST);
    await deliver(...events(3));
    await rig().runFor(0);
    await rig().webhooks.endpoints.update(endpoint, null, { batch: { maxEvents: 4, maxWaitMs: 100 } });
    for (let turn = 0; turn < 3; turn += 1) {
      if (turn === 1) failWith(500);
      await deliver(...events(4, 10 * turn));
      await runFor(endpoint, SECOND);
    }
    const all = await page(endpoint);
    expect(all).toHaveLength(15);
    expect(new Set(all.map(({ id }) => id)).size).toBe(15);
    const found = await rig().webhooks.endpoints.get(endpoint, null);
    if (found === null) throw new Error("The endpoint should exist");
    const paged: (typeof all)[number][] = [];
    let after: { createdAt: number; id: string } | null = null;
    do {
      const query = { onlyFailed: false, limit: 4, after };
      const { deliveries, next } = await listDeliveries(found, query, rig().webhooks);
      paged.push(...deliveries);
      after = next;
    } while (after !== null);
    expect(paged).toEqual(all);
    expect(all.map(({ createdAt }) => createdAt)).toEqual(
      all.map(({ createdAt }) => createdAt).toSorted((a, b) => b - a),
    );
  });

  it("keeps delivered events for a week and failed ones for the retention, then nothing", async () => {
    const endpoint = await register();
    await deliver(...events(3));
    await runFor(endpoint, SECOND);
    failWith(410);
    await deliver(event(9));
    await runFor(endpoint, SECOND);
    const sweep = async () => {
      await deleteOldDeliveries(rig().webhooks, 90, true);
      return statuses(endpoint);
    };
    await runFor(endpoint, 6 * DAY);
    expect(await sweep()).toEqual({ delivered: 3, failed: 1 });
    await runFor(endpoint, 2 * DAY);
    expect(await sweep()).toEqual({ failed: 1 });
    await runFor(endpoint, 83 * DAY);
    expect(await sweep()).toEqual({});
  });

  it("keeps no delivered event longer than the journal keeps anything", async () => {
    const endpoint = await register();
    await deliver(...events(3));
    await runFor(endpoint, 2 * DAY);
    await deleteOldDeliveries(rig().webhooks, 3, true);
    expect(await statuses(endpoint)).toEqual({ delivered: 3 });
    await runFor(endpoint, 2 * DAY);
    await deleteOldDeliveries(rig().webhooks, 3, true);
    expect(await statuses(endpoint)).toEqual({});
  });

  it("is replayed together with single deliveries, a thousand events a call", async () => {
    const endpoint = await register();
    failWith(410);
    await deliver(...events(3));
    await runFor(endpoint, SECOND);
    await rig().webhooks.endpoints.update(endpoint, null, { status: "enabled" });
    await env.JOURNAL.prepare(
      `WITH RECURSIVE made (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM made WHERE n < 999)
       INSERT INTO webhook_deliveries (id, endpoint_id, event_id, type, payload, status, attempts, created_at, updated_at)
       SELECT 'whd_' || n, ?1, 'evt', 'verification.message', '', 'failed', 10, ?2 + n, 0 FROM made`,
    )
      .bind(endpoint, START)
      .run();
    const found = await rig().webhooks.endpoints.get(endpoint, null);
    if (found === null) throw new Error("The endpoint should exist");
    const first = await replayFailed(found, START, rig().webhooks);
    expect(first).toEqual({ count: 1_000, next: START + 996 });
    expect(await replayFailed(found, START + 996, rig().webhooks)).toEqual({ count: 3, next: null });
  });

  it("takes as many bytes for each event as `npm run scale` reckons with", async () => {
    const endpoint = await register({ maxEvents: 100, maxWaitMs: 60_000 });
    const size = () => runInDurableObject(laneOf(endpoint), (_, { storage }) => storage.sql.databaseSize);
    await deliver(...events(100));
    const before = await size();
    for (let first = 100; first < 1_100; first += 100) await deliver(...events(100, first));
    expect(((await size()) - before) / 1_000 / BATCHED_EVENT_BYTES).toBeCloseTo(1, 1);
  });

  it("is empty once its endpoint is deleted", async () => {
    const endpoint = await register();
    await deliver(...events(3));
    await rig().webhooks.endpoints.delete(endpoint, null);
    await runFor(endpoint, SECOND);
    const keys = await runInDurableObject(
      laneOf(endpoint),
      (_, { storage }) => [...storage.kv.list()].length,
    );
    expect([keys, received()]).toEqual([0, []]);
  });

  it("stores no full number, and nothing that opens in the lane of another endpoint", async () => {
    const endpoint = await register();
    await deliver(event(1), noticeEvent(rig().keyring, numberOf(2)));
    const stored = await runInDurableObject(laneOf(endpoint), (_, { storage }) =>
      [...storage.kv.list<{ sealed: readonly Uint8Array[] }>()].map(([, value]) => value),
    );
    const text = JSON.stringify(stored, (_, value) =>
      value instanceof Uint8Array ? String.fromCharCode(...value) : value,
    );
    for (const index of [1, 2]) expect(text).not.toContain(numberOf(index).slice(3, -2));
    const other = await register();
    await runInDurableObject(laneOf(other), (_, { storage }) => {
      const key = "h/000001700000000000";
      storage.kv.put(key, Object.assign({}, stored[0], { floor: key }));
    });
    await deliver(event(3));
    await runFor(other, SECOND);
    expect(received()).toHaveLength(1);
    expect(rig().logLines.join()).toContain("cannot be decrypted");
  });
});
