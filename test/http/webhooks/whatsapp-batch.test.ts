import * as fc from "fast-check";
import { expect, it, vi } from "vitest";
import { PhoneNumber } from "../../../src/phone-number/phone-number.ts";
import { api, newNumber, start, statuses, useDeployment, webhook } from "../../deployment.ts";

// Clearing the storage takes time for each of the 600 objects, and on a busy machine more than the usual ten seconds.
vi.setConfig({ hookTimeout: 60_000, testTimeout: 60_000 });
useDeployment();

const NUMBERS = 300;
const UPDATES = 1_000;

interface Begun {
  readonly id: string;
  readonly wamid: string;
}

async function beginAll(numbers: number): Promise<Begun[]> {
  const started = await Promise.all(Array.from({ length: numbers }, () => start({ to: newNumber() })));
  return started.map(({ body }) => ({ id: body.id, wamid: body.messages[0].provider_message_id }));
}

/** Three updates a number and a tenth of all sent twice, in the order in which they happened. */
function story(numbers: readonly Begun[], at: number): object[] {
  const updates = numbers.flatMap(({ id, wamid }) =>
    ["sent", "delivered", "read"].map((status, second) => ({
      id: wamid,
      status,
      timestamp: String(at + second),
      biz_opaque_callback_data: `${id}.0`,
    })),
  );
  return [...updates, ...updates.slice(0, updates.length / 9)];
}

async function finalStates(numbers: readonly Begun[]) {
  const answers = await Promise.all(numbers.map(({ id }) => api("GET", `/v1/verifications/${id}`)));
  return answers.map(({ body }) => ({
    status: body.messages[0].status,
    offset: Date.parse(body.messages[0].updated_at) - Date.parse(body.messages[0].created_at),
  }));
}

const shuffled = (list: object[]) => {
  const [order] = fc.sample(fc.shuffledSubarray(list, { minLength: list.length }), { numRuns: 1, seed: 7 });
  return order ?? [];
};

it("a thousand shuffled status updates for 300 numbers, a tenth of them repeated, end as they would in order", async () => {
  const now = Math.floor(Date.now() / 1000) + 5;
  vi.useFakeTimers({ now: now * 1000, toFake: ["Date"] });
  const [inOrder, inDisorder] = [await beginAll(NUMBERS), await beginAll(NUMBERS)];
  expect(story(inOrder, now)).toHaveLength(UPDATES);
  expect((await webhook(statuses(...story(inOrder, now)))).status).toBe(200);
  expect((await webhook(statuses(...shuffled(story(inDisorder, now))))).status).toBe(200);
  const expected = await finalStates(inOrder);
  expect(await finalStates(inDisorder)).toEqual(expected);
  expect(new Set(expected.map(({ status }) => status))).toEqual(new Set(["read"]));
});

it("status updates of which one cannot be stored are answered with 500, and the repeat applies the rest", async () => {
  const begun = await beginAll(30);
  const batch = statuses(...shuffled(story(begun, Math.floor(Date.now() / 1000) + 5)));
  const [unlucky] = begun;
  const real = PhoneNumber.prototype.recordUpdates;
  const broken = vi.spyOn(PhoneNumber.prototype, "recordUpdates").mockImplementation(function (
    this: PhoneNumber,
    updates,
  ) {
    if (updates.some(({ message }) => message?.id === unlucky?.id)) throw new Error("the disk is gone");
    return real.call(this, updates);
  });
  expect((await webhook(batch)).status).toBe(500);
  broken.mockRestore();
  expect((await webhook(batch)).status).toBe(200);
  expect((await finalStates(begun)).every(({ status }) => status === "read")).toBe(true);
});
