import { describe, expect, it } from "vitest";
import { deliverEvents, enqueueOverdue } from "../../src/webhook-endpoints/queue.ts";
import { verificationEvent } from "./events.ts";
import { DAY, HOUR, MINUTE, rows, SECOND, START, useRig } from "./rig.ts";

const rig = useRig();

const event = () => verificationEvent(rig().keyring, "+6281234567890");
const deliver = (...events: Parameters<typeof deliverEvents>[0]) => deliverEvents(events, rig().webhooks);

describe("while the database is down", () => {
  it("events are refused, so that their queue keeps them, and nothing is missing afterwards", async () => {
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

  it("messages go back to the queue, ever more slowly, and are sent once it is back", async () => {
    await rig().register("shop.example.com");
    await deliver(event(), event());
    rig().databaseIsDown = true;
    const handled = await rig().runFor(6 * HOUR);
    expect(handled).toBeLessThan(2 * 100);
    expect(rig().received).toEqual([]);
    rig().databaseIsDown = false;
    await rig().runFor(10 * MINUTE);
    expect(rig().received).toHaveLength(2);
    expect(await rows()).toMatchObject([{ attempts: 1 }, { attempts: 1 }]);
  });

  it("and fails between the send and its record, the event comes twice under one id rather than never", async () => {
    await rig().register("shop.example.com");
    rig().answers.set("shop.example.com", () => {
      rig().databaseIsDown = rig().received.length === 1;
      return new Response();
    });
    const one = event();
    await deliver(one);
    await rig().runFor(0);
    rig().databaseIsDown = false;
    await rig().runFor(HOUR);
    expect(rig().received.map(({ id }) => id)).toEqual([one.id, one.id]);
    expect(await rows()).toMatchObject([{ status: "delivered", attempts: 2 }]);
  });
});

describe("while the queue is down", () => {
  it("events are stored, refused and taken up by their repeat", async () => {
    await rig().register("shop.example.com");
    const one = event();
    rig().queueIsDown = true;
    await expect(deliver(one)).rejects.toThrow("takes nothing");
    rig().queueIsDown = false;
    await deliver(one);
    await rig().runFor(0);
    expect(rig().received).toHaveLength(1);
  });

  it("a retry that cannot be put off is put off by the queue's own retry", async () => {
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

describe("a lost message", () => {
  it("is replaced when its delivery has been due for ten minutes, once", async () => {
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

  it("of a retry is replaced too, and what is over is left alone", async () => {
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

describe("a Worker that dies in an attempt", () => {
  it("keeps it for a minute, after which the repeated message makes the next", async () => {
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

  it("every time, ends as a dead letter", async () => {
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

describe("an attempt that was overtaken", () => {
  it("has nothing more to say, neither beside a later one nor after it", async () => {
    await rig().register("shop.example.com");
    await deliver(event());
    const id = rig().messages[0]?.id ?? "";
    const { deliveries } = rig().webhooks;
    const failure = { delivered: false, status: 500, error: "late", durationMs: 1, excerpt: "" };
    const first = await deliveries.take(id, START);
    const second = await deliveries.take(id, START + MINUTE);
    if (first === null || second === null) throw new Error("Both had their turn");

    await deliveries.record(first, failure, START + HOUR, START + MINUTE);
    expect(await rows()).toMatchObject([
      { attempts: 2, last_error: null, next_attempt_at: START + 2 * MINUTE },
    ]);
    await deliveries.record(second, { ...failure, delivered: true, error: null }, null, START + MINUTE);
    await deliveries.record(second, failure, null, START + MINUTE);
    expect(await rows()).toMatchObject([{ status: "delivered", last_error: null }]);
  });
});

describe("an address that the rules have come to refuse", () => {
  it("is not called, whatever the table says", async () => {
    await rig().webhooks.endpoints.create("http://127.0.0.1:8080/hooks", "", null);
    await deliver(event());
    await rig().runFor(0);
    expect(rig().requests).toEqual([]);
    expect(await rows()).toMatchObject([{ last_error: "The URL must begin with https://." }]);
  });
});
