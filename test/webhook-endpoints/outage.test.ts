import { describe, expect, it, vi } from "vitest";
import { DEFAULT_APP } from "../../src/ids/app-name.ts";
import { deliverEvents, enqueueOverdue } from "../../src/webhook-endpoints/queue.ts";
import { verificationEvent } from "./events.ts";
import { DAY, HOUR, MINUTE, rows, SECOND, START, useRig } from "./rig.ts";

const rig = useRig();

const event = () => verificationEvent(rig().keyring, "+6281234567890");
const deliver = (...events: Parameters<typeof deliverEvents>[0]) => deliverEvents(events, rig().webhooks);

describe("While D1 is down", () => {
  it("events are rejected, so that their queue keeps them, and all are delivered afterwards", async () => {
    await rig().register("shop.example.com");
    const events = [event(), event(), event()];
    rig().databaseIsDown = true;
    await expect(deliver(...events)).rejects.toThrow("the database is down");
    rig().databaseIsDown = false;
    await deliver(...events);
    await rig().runFor(0);
    expect(
      rig()
        .received.map(({ id }) => id)
        .sort(),
    ).toEqual(events.map(({ id }) => id).sort());
  });

  it("messages are retried with growing delays, and their deliveries are sent once D1 is back", async () => {
    await rig().register("shop.example.com");
    await deliver(event(), event());
    rig().databaseIsDown = true;
    const delivered = await rig().runFor(6 * HOUR);
    expect(delivered).toBeLessThan(2 * 100);
    expect(rig().received).toEqual([]);
    rig().databaseIsDown = false;
    await rig().runFor(10 * MINUTE);
    expect(rig().received).toHaveLength(2);
    expect(await rows()).toMatchObject([{ attempts: 1 }, { attempts: 1 }]);
  });

  it("an event is sent twice under the same id when D1 fails between the send and its record", async () => {
    await rig().register("shop.example.com");
    rig().answers.set("shop.example.com", () => {
      rig().databaseIsDown = rig().received.length === 1;
      return new Response();
    });
    const sent = event();
    await deliver(sent);
    await rig().runFor(0);
    rig().databaseIsDown = false;
    await rig().runFor(HOUR);
    expect(rig().received.map(({ id }) => id)).toEqual([sent.id, sent.id]);
    expect(await rows()).toMatchObject([{ status: "delivered", attempts: 1 }]);
  });
});

describe("While the queue of deliveries is down", () => {
  it("events are stored and rejected, and their retry enqueues them", async () => {
    await rig().register("shop.example.com");
    const sent = event();
    rig().queueIsDown = true;
    await expect(deliver(sent)).rejects.toThrow("The queue is down");
    rig().queueIsDown = false;
    await deliver(sent);
    await rig().runFor(0);
    expect(rig().received).toHaveLength(1);
  });

  it("the queue's own retry replaces a delayed message that cannot be sent", async () => {
    await rig().register("shop.example.com");
    rig().answers.set("shop.example.com", () => {
      rig().queueIsDown = true;
      return new Response(null, { status: 500 });
    });
    await deliver(event());
    await rig().runFor(0);
    rig().queueIsDown = false;
    rig().answers.delete("shop.example.com");
    await rig().runFor(MINUTE);
    expect(await rows()).toMatchObject([{ status: "delivered", attempts: 2 }]);
  });
});

describe("While the object of an endpoint that takes batches is down", () => {
  it("other endpoints get their events at once, and a retry of the events gives it its own", async () => {
    await rig().register("batch.example.com", null, DEFAULT_APP, { maxEvents: 10, maxWaitMs: 100 });
    await rig().register("shop.example.com");
    const down = vi.spyOn(rig().webhooks.lanes, "add").mockRejectedValue(new Error("The object is down"));
    const sent = event();
    await expect(deliver(sent)).rejects.toThrow("The object is down");
    await rig().runFor(0);
    expect(rig().received.map(({ id }) => id)).toEqual([sent.id]);
    down.mockResolvedValue();
    await deliver(sent);
    await rig().runFor(0);
    expect(down).toHaveBeenCalledTimes(2);
    expect(rig().received).toHaveLength(1);
  });
});

describe("A lost message of the queue of deliveries", () => {
  it("a lost message is replaced once when its delivery has been due for ten minutes", async () => {
    await rig().register("shop.example.com");
    await deliver(event());
    rig().messages.length = 0;
    await rig().runFor(10 * MINUTE);
    await enqueueOverdue(rig().webhooks);
    expect(rig().messages).toEqual([]);
    await rig().runFor(1);
    await enqueueOverdue(rig().webhooks);
    await enqueueOverdue(rig().webhooks);
    expect(rig().messages).toHaveLength(1);
    await rig().runFor(0);
    expect(rig().received).toHaveLength(1);
  });

  it("a lost message of a retry is replaced, and finished deliveries are left alone", async () => {
    await rig().register("shop.example.com");
    await rig().register("crm.example.com");
    rig().answers.set("shop.example.com", () => new Response(null, { status: 500 }));
    await deliver(event());
    await rig().runFor(0);
    rig().messages.length = 0;
    rig().answers.delete("shop.example.com");
    await rig().runFor(HOUR);
    await enqueueOverdue(rig().webhooks);
    expect(rig().messages).toHaveLength(1);
    await rig().runFor(DAY);
    expect(rig().received.filter(({ host }) => host === "shop.example.com")).toHaveLength(2);
    expect(rig().received.filter(({ host }) => host === "crm.example.com")).toHaveLength(1);
  });
});

describe("A Worker that crashes during an attempt", () => {
  it("the lease of a crashed attempt ends after a minute, and the repeated message makes the next attempt", async () => {
    await rig().register("shop.example.com");
    await deliver(event());
    const [message] = rig().messages;
    await rig().webhooks.deliveries.take(message?.id ?? "", Date.now());
    await rig().runFor(59 * SECOND);
    expect(rig().received).toEqual([]);
    await rig().runFor(SECOND);
    expect(rig().received).toHaveLength(1);
    expect(await rows()).toMatchObject([{ status: "delivered", attempts: 2 }]);
  });

  it("a delivery whose every attempt crashes becomes a dead letter", async () => {
    await rig().register("shop.example.com");
    await deliver(event());
    const [message] = rig().messages;
    for (let times = 1; times <= 10; times += 1) {
      await rig().webhooks.deliveries.take(message?.id ?? "", START + times * HOUR);
    }
    await rig().runFor(11 * HOUR);
    expect(rig().received).toEqual([]);
    expect(await rows()).toMatchObject([
      { status: "failed", last_error: expect.stringContaining("interrupted") },
    ]);
  });
});

describe("An attempt that outlives its lease", () => {
  it("the result of an attempt is ignored during and after a later attempt", async () => {
    await rig().register("shop.example.com");
    await deliver(event());
    const id = rig().messages[0]?.id ?? "";
    const { deliveries } = rig().webhooks;
    const failure = { delivered: false, status: 500, error: "late", durationMs: 1, excerpt: "" };
    const first = await deliveries.take(id, START);
    const second = await deliveries.take(id, START + MINUTE);
    if (first === null || second === null) throw new Error("Both attempts should have taken the delivery");

    await deliveries.record(
      [{ delivery: first, attempt: failure, nextAttemptAt: START + HOUR }],
      START + MINUTE,
    );
    expect(await rows()).toMatchObject([
      { attempts: 2, last_error: null, next_attempt_at: START + 2 * MINUTE },
    ]);
    const success = { ...failure, delivered: true, error: null };
    for (const attempt of [success, failure]) {
      await deliveries.record([{ delivery: second, attempt, nextAttemptAt: null }], START + MINUTE);
    }
    expect(await rows()).toMatchObject([{ status: "delivered", last_error: null }]);
  });
});

describe("A stored address that is no longer accepted", () => {
  it("a stored address that is not public is not called", async () => {
    const url = "http://127.0.0.1:8080/hooks";
    const asked = { app: DEFAULT_APP, url, description: "", eventTypes: null, batch: null };
    await rig().webhooks.endpoints.create(asked, null);
    await deliver(event());
    await rig().runFor(0);
    expect(rig().requests).toEqual([]);
    expect(await rows()).toMatchObject([{ last_error: "The URL must begin with https://." }]);
  });
});
