import {
  createExecutionContext,
  createMessageBatch,
  getQueueResult,
  runDurableObjectAlarm,
  runInDurableObject,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it, vi } from "vitest";
import { deploy } from "../../src/deployment.ts";
import type { Event } from "../../src/events/event.ts";
import { consume } from "../../src/queues.ts";
import { ownerOf, parseVerificationId } from "../../src/verification/verification-id.ts";
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
