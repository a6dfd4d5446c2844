import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { Buffer } from "node:buffer";
import { expect, it, onTestFinished, vi } from "vitest";
import type { Event } from "../../src/events/event.ts";
import { Keyring } from "../../src/platform/keyring.ts";
import type { Target } from "../../src/webhook-endpoints/endpoints.ts";
import type { EndpointHealth } from "../../src/webhook-endpoints/health.ts";
import { Lane } from "../../src/webhook-endpoints/lane.ts";
import { replayDelivery, replayFailed } from "../../src/webhook-endpoints/lane-deliveries.ts";
import { LaneEvents } from "../../src/webhook-endpoints/lane-events.ts";
import { LaneQueue } from "../../src/webhook-endpoints/lane-queue.ts";
import type { RetriedBatch } from "../../src/webhook-endpoints/lane-retries.ts";
import type { EventRow } from "../../src/webhook-endpoints/lane-row.ts";
import type { EventSeal } from "../../src/webhook-endpoints/lane-seal.ts";
import { verificationEvent } from "./events.ts";

/** Without the cost of encryption. Events belong to one number where their ids begin alike, up to a slash. */
const seal: EventSeal = {
  seal: (events) => Buffer.from(JSON.stringify(events)),
  open: (sealed) => JSON.parse(Buffer.from(sealed).toString()) as Event[],
  orderKeyOf: ({ id }) => id.split("/")[0] ?? "",
};

const keyring = new Keyring(env.SECRET_KEY);
const template = verificationEvent(keyring, "+6281234567890");
const eventOf = (id: string): Event => Object.assign({}, template, { id });
const events = (count: number, prefix = "evt") =>
  Array.from({ length: count }, (_, index) => eventOf(`${prefix}_${index}`));

const FAILED = { delivered: false, status: 500, error: "no", durationMs: 1, excerpt: "" };
const FAILED_AGAIN = Object.assign({ isFinal: false }, FAILED);
const REFUSED = Object.assign({ isFinal: true }, FAILED);
const DELIVERED = Object.assign({ isFinal: false }, FAILED, { delivered: true, status: 200, error: null });

const BATCH = { maxEvents: 1_000, maxWaitMs: 0 };
const TARGET = {
  endpoint: { id: "whe_1", url: "https://shop.example.com/", status: "enabled", batch: BATCH },
  secrets: [`whsec_${Buffer.alloc(32).toString("base64")}`],
} as unknown as Target;

let lanes = 0;

/** Runs a test on the storage of an object of its own. */
async function inStorage(test: (kv: SyncKvStorage) => void | Promise<void>): Promise<void> {
  lanes += 1;
  const lane = env.ENDPOINT_LANES.getByName(`whe_storage_${lanes}/0`);
  await runInDurableObject(lane, (_, { storage }) => test(storage.kv));
}

/** Delivers all that waits in a lane, and returns the ids in the order in which they left. */
function drain(lane: LaneEvents): string[] {
  const left: string[] = [];
  for (;;) {
    lane.fill();
    const batch = lane.queue.take(1_000);
    if (batch.length === 0) return left;
    left.push(...batch.map(({ event }) => event.id));
    lane.deliver(batch, DELIVERED);
  }
}

it("an event that comes to a lane whose memory is full leaves after those before it, and no later than the rest", () =>
  inStorage((kv) => {
    const lane = new LaneEvents(kv, seal);
    const given = events(6_020);
    // The newest row has room for the last ones.
    for (const [from, until] of [
      [0, 5_990],
      [5_990, 6_010],
      [6_010, 6_020],
    ] as const) {
      lane.enter(given.slice(from, until));
    }
    expect(drain(lane)).toEqual(given.map(({ id }) => id));
  }));

it("a lane that was out of memory recognizes the events of the last hour, in however many rows they came", () =>
  inStorage((kv) => {
    const lane = new LaneEvents(kv, seal);
    const given = events(300);
    for (const event of given) {
      lane.enter([event]);
      drain(lane);
    }
    expect(new LaneEvents(kv, seal).rows.unknown(given)).toEqual([]);
  }));

it("a row of a lane that waited for a failed batch says where the unfinished rows begin, once it is delivered", () =>
  inStorage((kv) => {
    const lane = new LaneEvents(kv, seal);
    lane.enter([eventOf("first/1")]);
    lane.fail(lane.queue.take(1), FAILED_AGAIN);
    lane.enter([eventOf("first/2")]);
    const retry = lane.retries.of("first");
    if (retry === undefined) throw new Error("The batch should be attempted again");
    lane.record(retry, DELIVERED, true);
    expect(drain(lane)).toEqual(["first/2"]);
    const floors = [...kv.list<EventRow>({ prefix: "h/" })].map(([key, { floor }]) => [floor, key]);
    expect(floors.map(([floor]) => floor)).toEqual(floors.map(([, key]) => key));
  }));

it("the end of a failed batch reads what waits behind that batch, and nothing that waits behind others", () =>
  inStorage((kv) => {
    let read = 0;
    const counted = Object.assign(Object.create(null), {
      get: kv.get.bind(kv),
      put: kv.put.bind(kv),
      delete: kv.delete.bind(kv),
      *list<Value>(options: SyncKvListOptions) {
        for (const entry of kv.list<Value>(options)) {
          read += 1;
          yield entry;
        }
      },
    }) as SyncKvStorage;
    const lane = new LaneEvents(counted, seal);
    for (const number of ["first", "other"]) {
      lane.enter([eventOf(`${number}/0`)]);
      lane.fail(lane.queue.take(1), FAILED_AGAIN);
    }
    for (let later = 1; later <= 50; later += 1) lane.enter([eventOf(`other/${later}`)]);
    lane.enter([eventOf("first/1")]);
    const retry = lane.retries.of("first");
    if (retry === undefined) throw new Error("The batch should be attempted again");
    read = 0;
    lane.record(retry, DELIVERED, true);
    expect(read).toBe(1);
    expect(lane.queue.take(10).map(({ event }) => event.id)).toEqual(["first/1"]);
  }));

it("a lane takes any number of events that a failed batch held back", () => {
  const queue = new LaneQueue();
  const [event = template] = events(1);
  const held = Array.from({ length: 300_000 }, () => ({
    event,
    orderKey: "first",
    arrivedAt: 0,
    row: "h/1",
    place: 0,
  }));
  queue.pushFirst(held);
  queue.push(held);
  expect(queue.size).toBe(600_000);
});

it("a replay of failed events deletes the batches of which one event was replayed before", () =>
  inStorage((kv) => {
    const lane = laneOf(new LaneEvents(kv, seal));
    lane.enter(events(3));
    lane.events.fail(lane.events.queue.take(3), REFUSED);
    const [failed] = [...kv.list({ prefix: "f/" })].map(([key]) => key);
    replayDelivery(lane, "whe_1", `whd_${failed?.slice(2)}_0001`);
    expect(replayFailed(lane, 0, 1_000)).toBe(2);
    expect([...kv.list({ prefix: "f/" })]).toEqual([]);
    expect(drain(lane.events)).toEqual(["evt_1", "evt_0", "evt_2"]);
  }));

it("a batch of large events has as many as its object can store when it fails", () =>
  inStorage((kv) => {
    const lane = new LaneEvents(kv, seal);
    const metadata = { note: "x".repeat(6_000) };
    const large = events(600).map((event) => Object.assign({}, event, { metadata }));
    lane.enter(large);
    const sizes: number[] = [];
    for (let batch = lane.queue.take(1_000); batch.length > 0; batch = lane.queue.take(1_000)) {
      sizes.push(batch.length);
      lane.fail(batch, FAILED_AGAIN);
    }
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(600);
    expect(sizes.length).toBe(3);
    for (const [, { sealed }] of kv.list<RetriedBatch>({ prefix: "r/" })) {
      expect(sealed.length).toBeLessThan(2_000_000);
    }
  }));

it("a lane takes no new batch while ten thousand events of failed ones are in memory", () =>
  inStorage(async (kv) => {
    const posts = vi.spyOn(globalThis, "fetch").mockImplementation(async () => new Response());
    // No retry becomes due in the meantime.
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    onTestFinished(() => {
      vi.useRealTimers();
      posts.mockRestore();
    });
    const posted: number[] = [];
    for (const batches of [9, 1]) {
      const { retries, rows } = new LaneEvents(kv, seal);
      for (let batch = 0; batch < batches; batch += 1) {
        retries.add(rows.nextTime(), events(1_000, `failed_${retries.size}`), FAILED_AGAIN);
      }
      const lane = new Lane({
        kv,
        seal,
        keyring,
        health: { record: async () => {} } as unknown as EndpointHealth,
        allowLoopback: false,
        target: async () => TARGET,
        setAlarm: () => {},
      });
      lane.add([eventOf(`new_${batches}`)], BATCH);
      await lane.run();
      posted.push(posts.mock.calls.length);
    }
    expect(posted).toEqual([1, 1]);
  }));

function laneOf(events: LaneEvents): Lane {
  return { events, enter: (given: readonly Event[]) => events.enter(given) } as unknown as Lane;
}
