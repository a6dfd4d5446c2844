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
  if (id === null) throw new Error(`${text} is no id`);
  return env.PHONE_NUMBERS.getByName(ownerOf(id));
}

const queueOf = (id: string) =>
  runInDurableObject(objectOf(id), (object) => (object as unknown as { env: Env }).env.EVENTS);

const journaled = async () =>
  (await env.JOURNAL.prepare("SELECT id, status FROM verifications ORDER BY id").all()).results;

it("with the queue down verifications go on, and afterwards the journal lacks none", async () => {
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

it("with the queue down for more than a day, the number is forgotten once its events are out", async () => {
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

describe("an object that lost its memory after a check", { timeout: 20_000 }, () => {
  /** A start and a right check, of which the queue is given nothing but what `sendBatch` makes of it. */
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

  /** The ids of the events that the alarm hands over in a fresh memory. */
  async function ringAfresh(id: string): Promise<readonly string[]> {
    await evictDurableObject(objectOf(id));
    const given = vi.spyOn(await queueOf(id), "sendBatch");
    expect(await runDurableObjectAlarm(objectOf(id))).toBe(true);
    const ids = given.mock.calls.flatMap(([messages]) => [...messages].map(({ body }) => (body as Event).id));
    given.mockRestore();
    return ids;
  }

  it("hands over again what the journal has no trace of, under the same name", async () => {
    const id = await approve(async () => ({}) as QueueSendBatchResponse);
    expect(await ringAfresh(id)).toEqual([`evt_${id.slice(4)}_1`]);
    await vi.waitFor(async () => expect(await journaled()).toContainEqual({ id, status: "approved" }), {
      timeout: 10_000,
      interval: 100,
    });
  });

  it("does not trouble the queue with what the journal has", async () => {
    const id = await approve(null);
    await vi.waitFor(async () => expect(await journaled()).toContainEqual({ id, status: "approved" }), {
      timeout: 10_000,
      interval: 100,
    });
    expect(await ringAfresh(id)).toEqual([]);
  });

  it("hands over again when the journal cannot be asked", async () => {
    const id = await approve(async () => ({}) as QueueSendBatchResponse);
    const down = vi.spyOn(env.JOURNAL, "prepare").mockImplementation(() => {
      throw new Error("D1 is down");
    });
    expect(await ringAfresh(id)).toEqual([`evt_${id.slice(4)}_1`]);
    down.mockRestore();
  });
});

it("with D1 down events come again, and afterwards the journal lacks none", async () => {
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
