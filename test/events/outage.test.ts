import {
  createExecutionContext,
  createMessageBatch,
  evictDurableObject,
  getQueueResult,
  runDurableObjectAlarm,
  runInDurableObject,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { type Deployment, deploy } from "../../src/deployment.ts";
import { closingsOf, type Event } from "../../src/events/event.ts";
import { ownerOf, parseVerificationId } from "../../src/ids/verification-id.ts";
import { consume } from "../../src/queues.ts";
import { api, check, codeSentTo, newNumber, start, useDeployment } from "../deployment.ts";

const deployment = useDeployment();

function objectOf(text: string) {
  const id = parseVerificationId(text);
  if (id === null) throw new Error(`${text} is not an id`);
  return env.PHONE_NUMBERS.getByName(ownerOf(id));
}

const queueOf = (id: string) =>
  runInDurableObject(objectOf(id), (object) => (object as unknown as { env: Env }).env.EVENTS);

const journaled = async () =>
  (await env.JOURNAL.prepare("SELECT id, status FROM verifications ORDER BY id").all()).results;

it("verifications continue while the event queue is down, and the journal has all of them afterwards", async () => {
  const ids: string[] = [];
  const queue = await queueOf((await start({ to: newNumber() })).body.id);
  const down = vi.spyOn(queue, "sendBatch").mockRejectedValue(new Error("the queue is down"));
  for (let number = 0; number < 5; number += 1) {
    const to = newNumber();
    const { body } = await start({ to });
    expect((await check(body.id, await codeSentTo(deployment, to))).body).toMatchObject({ valid: true });
    ids.push(body.id);
  }
  expect(down).toHaveBeenCalled();
  expect(await journaled()).toEqual([]);
  down.mockRestore();

  for (const id of ids) expect(await runDurableObjectAlarm(objectOf(id))).toBe(true);
  await vi.waitFor(
    async () => expect(await journaled()).toEqual(ids.toSorted().map((id) => ({ id, status: "approved" }))),
    { timeout: 10_000, interval: 100 },
  );
}, 20_000);

it("a number whose events waited for the queue for more than a day is forgotten once they were handed over", async () => {
  vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
  const to = newNumber();
  const { body } = await start({ to });
  const down = vi
    .spyOn(await queueOf(body.id), "sendBatch")
    .mockRejectedValue(new Error("the queue is down"));
  await check(body.id, await codeSentTo(deployment, to));
  await vi.waitFor(() => expect(down).toHaveBeenCalled());
  vi.setSystemTime(Date.now() + 2 * 86_400_000);
  await runDurableObjectAlarm(objectOf(body.id));
  const stored = () =>
    runInDurableObject(objectOf(body.id), (_, state) => [...state.storage.kv.list()].length);
  expect(await stored()).toBe(1);
  down.mockRestore();
  await runDurableObjectAlarm(objectOf(body.id));
  expect(await stored()).toBe(0);
});

it("an object asks a queue that refuses for ten minutes at most eight times, and writes only its alarm", async () => {
  vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
  const to = newNumber();
  const { body } = await start({ to });
  const object = objectOf(body.id);
  const inside = <Result>(read: (storage: DurableObjectStorage) => Result) =>
    runInDurableObject(object, (_, { storage }) => read(storage));
  const recordOf = () => inside((storage) => storage.kv.get("record"));
  const tries: number[] = [];
  const refuse = async () => {
    const queue = await queueOf(body.id);
    return vi.spyOn(queue, "sendBatch").mockImplementation(async () => {
      tries.push(Date.now());
      throw new Error("the queue is full");
    });
  };
  await refuse();
  const began = Date.now();
  await check(body.id, await codeSentTo(deployment, to));
  await vi.waitFor(async () => expect(await recordOf()).toMatchObject({ refusedSince: began }));
  // A later step of the object does not ask the queue.
  await check(body.id, "000000");
  expect(tries).toEqual([began]);
  const record = await recordOf();
  const put = await inside(({ kv }) => vi.spyOn(kv, "put"));
  for (let due = 0; ; ) {
    due = (await inside((storage) => storage.getAlarm())) ?? 0;
    if (due > began + 600_000) break;
    expect(due).toBeGreaterThan(Date.now());
    vi.setSystemTime(due);
    // What the object does not keep in memory is what it has stored once.
    if (tries.length === 4) {
      await evictDurableObject(object);
      await refuse();
    }
    await runDurableObjectAlarm(object);
  }
  expect(tries.length).toBeGreaterThanOrEqual(5);
  expect(tries.length).toBeLessThanOrEqual(8);
  const pauses = tries.slice(1).map((at, place) => at - (tries[place] ?? 0));
  expect(pauses.every((pause, place) => pause > (pauses[place - 1] ?? 0))).toBe(true);
  expect(put).not.toHaveBeenCalled();
  expect(await recordOf()).toEqual(record);

  vi.restoreAllMocks();
  const sent = vi.spyOn(await queueOf(body.id), "sendBatch");
  await runDurableObjectAlarm(object);
  const events = sent.mock.calls.flatMap(([messages]) =>
    [...messages].map(({ body: event }) => event as Event),
  );
  expect(events).toMatchObject([{ type: "verification.approved" }]);
  // The queue had not accepted it before, so that the guard learns of it.
  expect(events[0]).not.toHaveProperty("isRepeat");
  expect(await recordOf()).toMatchObject({ refusedSince: null, state: { outbox: [] } });
});

describe("an object evicted after a check", { timeout: 20_000 }, () => {
  /** A start and a right check, whose events go through the given `sendBatch`. */
  async function approve(sendBatch: Queue["sendBatch"] | null): Promise<string> {
    const to = newNumber();
    const { body } = await start({ to });
    const queue = await queueOf(body.id);
    const given = vi.spyOn(queue, "sendBatch");
    if (sendBatch !== null) given.mockImplementation(sendBatch);
    expect((await check(body.id, await codeSentTo(deployment, to))).body).toMatchObject({ valid: true });
    await vi.waitFor(() => expect(given).toHaveBeenCalledOnce());
    given.mockRestore();
    return body.id;
  }

  /** The ids of the events that the alarm hands over after an eviction, all of them marked as repeats. */
  async function alarmAfterEviction(id: string): Promise<readonly string[]> {
    await evictDurableObject(objectOf(id));
    const given = vi.spyOn(await queueOf(id), "sendBatch");
    expect(await runDurableObjectAlarm(objectOf(id))).toBe(true);
    const events = given.mock.calls.flatMap(([messages]) => [...messages].map(({ body }) => body as Event));
    given.mockRestore();
    // So that the guard does not learn of them twice.
    expect(closingsOf(events, Date.now())).toEqual([]);
    return events.map(({ id }) => id);
  }

  it("hands over an event again, under the same id, that the journal does not have", async () => {
    const id = await approve(async () => ({}) as QueueSendBatchResponse);
    expect(await alarmAfterEviction(id)).toEqual([`evt_${id.slice(4)}_1`]);
    await vi.waitFor(async () => expect(await journaled()).toContainEqual({ id, status: "approved" }), {
      timeout: 10_000,
      interval: 100,
    });
  });

  it("does not hand over an event again that the journal has", async () => {
    const id = await approve(null);
    await vi.waitFor(async () => expect(await journaled()).toContainEqual({ id, status: "approved" }), {
      timeout: 10_000,
      interval: 100,
    });
    expect(await alarmAfterEviction(id)).toEqual([]);
  });

  it("hands over an event again when the journal cannot be read", async () => {
    const id = await approve(async () => ({}) as QueueSendBatchResponse);
    const down = vi.spyOn(env.JOURNAL, "prepare").mockImplementation(() => {
      throw new Error("D1 is down");
    });
    expect(await alarmAfterEviction(id)).toEqual([`evt_${id.slice(4)}_1`]);
    down.mockRestore();
  });
});

describe("A batch of events", () => {
  const journaledIds = async () => (await journaled()).map(({ id }) => id);

  /** Closes verifications whose events go nowhere but here. */
  async function close(count: number): Promise<readonly Event[]> {
    const sent: Event[] = [];
    for (let number = 0; number < count; number += 1) {
      const to = newNumber();
      const { body } = await start({ to });
      vi.spyOn(await queueOf(body.id), "sendBatch").mockImplementation(async (messages) => {
        for (const { body: event } of messages) sent.push(event as Event);
        return {} as QueueSendBatchResponse;
      });
      await check(body.id, await codeSentTo(deployment, to));
    }
    await vi.waitFor(() => expect(sent).toHaveLength(count));
    return sent;
  }

  async function deliver(bodies: readonly unknown[], attempts = 1, queue = "sandi-events") {
    const messages = bodies.map((body, place) => ({
      id: `message ${place}`,
      timestamp: new Date(),
      attempts,
      body,
    }));
    const batch = createMessageBatch(queue, messages);
    const retries = batch.messages.map((message) => vi.spyOn(message, "retry"));
    await consume(batch, service());
    const delays = retries.flatMap(({ mock }) => mock.calls.map(([options]) => options?.delaySeconds ?? 0));
    return { ...(await getQueueResult(batch, createExecutionContext())), delays };
  }

  let deployed: Deployment | null = null;
  const service = () => (deployed ??= deploy(env));
  const idOf = (event: Event) => (event.kind === "verification" ? event.verification.id : "");

  it("is retried later and later while D1 is down, and the journal has all of it afterwards", async () => {
    const events = await close(3);
    const down = vi.spyOn(env.JOURNAL, "prepare").mockImplementation(() => {
      throw new Error("D1 is down");
    });
    const delays = async (attempts: number) => {
      const result = await deliver(events, attempts);
      expect(result.explicitAcks).toEqual([]);
      expect(result.delays).toHaveLength(3);
      return result.delays;
    };
    for (const [attempts, pause] of [
      [1, 30],
      [3, 120],
      [9, 600],
    ] as const) {
      for (const delay of await delays(attempts)) {
        expect(delay).toBeGreaterThanOrEqual(pause * 0.75);
        expect(delay).toBeLessThanOrEqual(pause);
      }
    }
    down.mockRestore();
    expect(await journaled()).toEqual([]);
    expect((await deliver(events, 2)).ackAll).toBe(true);
    await deliver(events, 2);
    expect(await journaledIds()).toEqual(events.map(idOf).toSorted());
  });

  it("is stored but for the one event that cannot be, and for one of a kind that this version does not know", async () => {
    const events = await close(3);
    const [poison] = events;
    if (poison?.kind !== "verification") throw new Error("There is no event");
    const broken = { ...poison, verification: { ...poison.verification, createdAt: null } };
    const batch = [events[1], broken, events[2], { kind: "of a later version", id: "evt_1", at: 1 }];
    const { explicitAcks, retryMessages } = await deliver(batch);
    expect(explicitAcks).toEqual(["message 0", "message 2"]);
    expect(retryMessages.map(({ msgId }) => msgId)).toEqual(["message 1", "message 3"]);
    expect(await journaledIds()).toEqual(events.slice(1).map(idOf).toSorted());
  });

  it("is offered to a database that is down at most ten times, however large it is", async () => {
    const [event] = await close(1);
    const { record } = service().journal;
    const tried = vi.spyOn(service().journal, "record").mockRejectedValue(new Error("D1 is down"));
    const { retryMessages } = await deliver(Array.from({ length: 100 }, () => event));
    expect(retryMessages).toHaveLength(100);
    expect(tried.mock.calls.length).toBeLessThanOrEqual(10);
    // One of a hundred is found in fewer, wherever it is.
    for (const place of [0, 57, 99]) {
      tried.mockClear();
      tried.mockImplementation(async (events) => {
        if (events.some(({ id }) => id === "poison")) throw new Error("D1_ERROR: datatype mismatch");
      });
      const messages = Array.from({ length: 100 }, (_, at) =>
        at === place ? { ...event, id: "poison" } : event,
      );
      expect((await deliver(messages)).retryMessages).toMatchObject([{ msgId: `message ${place}` }]);
      expect(tried.mock.calls.length).toBeLessThanOrEqual(16);
    }
    tried.mockRestore();
    expect(service().journal.record).toBe(record);
  });

  it("teaches the guard once: at its first attempt, whether or not the journal can write", async () => {
    const events = await close(2);
    const learned = vi.spyOn(service().guard, "onClosed");
    const ids = () => learned.mock.calls.flatMap(([closings]) => closings.map(({ id }) => id));
    vi.spyOn(env.JOURNAL, "prepare").mockImplementation(() => {
      throw new Error("D1 is down");
    });
    await deliver(events);
    expect(ids()).toEqual(events.map(idOf));
    await deliver(events, 2);
    await deliver(events, 1, "sandi-events-dead");
    expect(ids()).toEqual(events.map(idOf));
  });

  it("that is dead is tried every twelve hours, shown by GET /health, and stored once it can be", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const events = await close(3);
    const health = async () => (await api("GET", "/health")).body.dead_letters;
    expect(await health()).toEqual({ count: 0, oldest_at: null });
    const down = vi.spyOn(env.JOURNAL, "prepare").mockImplementation(() => {
      throw new Error("D1 is down");
    });
    const oldestAt = new Date(Math.min(...events.map(({ at }) => at))).toISOString();
    const wait = (ms: number) => vi.setSystemTime(Date.now() + ms);
    for (let round = 0; round < 3; round += 1) {
      // Also in the moment before it is tried again.
      if (round > 0) expect(await health()).toEqual({ count: 3, oldest_at: oldestAt });
      const { delays } = await deliver(events, round + 1, "sandi-events-dead");
      expect(delays).toEqual([43_200, 43_200, 43_200]);
      wait(600_000);
      expect(await health()).toEqual({ count: 3, oldest_at: oldestAt });
      wait(43_200_000 - 600_000);
    }
    down.mockRestore();
    expect((await deliver(events, 4, "sandi-events-dead")).explicitAcks).toHaveLength(3);
    wait(600_000);
    expect(await health()).toEqual({ count: 0, oldest_at: null });
    expect(await journaledIds()).toEqual(events.map(idOf).toSorted());
  });
});
