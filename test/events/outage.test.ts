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
import { deploy } from "../../src/deployment.ts";
import type { Event } from "../../src/events/event.ts";
import { ownerOf, parseVerificationId } from "../../src/ids/verification-id.ts";
import { consume } from "../../src/queues.ts";
import { check, codeSentTo, newNumber, start, useDeployment } from "../deployment.ts";

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

it("an object asks a queue that refuses for ten minutes at most eight times, and writes nothing but its alarm", async () => {
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

  /** The ids of the events that the alarm hands over after an eviction. */
  async function alarmAfterEviction(id: string): Promise<readonly string[]> {
    await evictDurableObject(objectOf(id));
    const given = vi.spyOn(await queueOf(id), "sendBatch");
    expect(await runDurableObjectAlarm(objectOf(id))).toBe(true);
    const ids = given.mock.calls.flatMap(([messages]) => [...messages].map(({ body }) => (body as Event).id));
    given.mockRestore();
    return ids;
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

it("a batch of events is retried while D1 is down, and the journal has all of them afterwards", async () => {
  const sent: Event[] = [];
  const to = newNumber();
  const { body } = await start({ to });
  const queue = await queueOf(body.id);
  vi.spyOn(queue, "sendBatch").mockImplementation(async (messages) => {
    for (const { body: event } of messages) sent.push(event as Event);
    return {} as QueueSendBatchResponse;
  });
  await check(body.id, await codeSentTo(deployment, to));
  await vi.waitFor(() => expect(sent.map(({ type }) => type)).toContain("verification.approved"));

  const service = deploy(env);
  const deliver = async () => {
    const messages = sent.map((event) => ({ id: event.id, timestamp: new Date(), attempts: 1, body: event }));
    const batch = createMessageBatch<Event>("sandi-events", messages);
    await consume(batch, service);
    return getQueueResult(batch, createExecutionContext());
  };
  const down = vi.spyOn(env.JOURNAL, "prepare").mockImplementation(() => {
    throw new Error("D1 is down");
  });
  expect((await deliver()).retryBatch.retry).toBe(true);
  down.mockRestore();
  expect(await journaled()).toEqual([]);
  expect((await deliver()).ackAll).toBe(true);
  await deliver();
  expect(await journaled()).toEqual([{ id: body.id, status: "approved" }]);
});
