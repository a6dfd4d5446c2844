import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { EVENT_TYPES } from "../../src/events/event.ts";
import { webhooks } from "../../src/webhook-endpoints/webhooks.ts";
import { MINUTE, SECOND, useRig } from "./rig.ts";

const rig = useRig();

/** The background work that has not been awaited yet. */
const work: Promise<unknown>[] = [];
const refreshes = () => Promise.all(work.splice(0));
const subscribedTypes = async (of = rig().webhooks) =>
  [...(await of.subscriptions.subscribedTypes((more) => void work.push(more)))].sort();

/** Another isolate with the same database. */
const otherIsolate = () => webhooks({ ...rig().webhooks });

describe("The types of events with a subscriber", () => {
  it("the subscribed types are those of all enabled endpoints", async () => {
    expect(await subscribedTypes()).toEqual([]);
    await rig().register("shop.example.com", ["verification.approved", "verification.failed"]);
    const id = await rig().register("crm.example.com", ["verification.failed", "message.received"]);
    expect(await subscribedTypes()).toEqual([
      "message.received",
      "verification.approved",
      "verification.failed",
    ]);
    await rig().webhooks.endpoints.update(id, null, { status: "disabled" });
    expect(await subscribedTypes()).toEqual(["verification.approved", "verification.failed"]);
    await rig().register("all.example.com");
    expect(await subscribedTypes()).toEqual([...EVENT_TYPES].sort());
  });

  it("an unknown type is ignored", async () => {
    const id = await rig().register("shop.example.com", ["verification.failed"]);
    const types = JSON.stringify(["verification.forgotten", "verification.failed"]);
    await env.JOURNAL.prepare("UPDATE webhook_endpoints SET event_types = ?1 WHERE id = ?2")
      .bind(types, id)
      .run();
    expect(await subscribedTypes()).toEqual(["verification.failed"]);
  });

  it("the subscribed types are read once a minute in the background, and the previous answer is returned at once", async () => {
    const isolate = otherIsolate();
    expect(await subscribedTypes(isolate)).toEqual([]);
    await rig().register("shop.example.com", ["verification.failed"]);
    await rig().runFor(59 * SECOND);
    expect(await subscribedTypes(isolate)).toEqual([]);
    expect(work).toEqual([]);
    await rig().runFor(SECOND);
    expect(await Promise.all([subscribedTypes(isolate), subscribedTypes(isolate)])).toEqual([[], []]);
    expect(work).toHaveLength(1);
    await refreshes();
    expect(await subscribedTypes(isolate)).toEqual(["verification.failed"]);
  });

  it("an isolate that was idle for five minutes reads the subscribed types before it answers", async () => {
    const isolate = otherIsolate();
    await subscribedTypes(isolate);
    await rig().register("shop.example.com", ["verification.failed"]);
    await rig().runFor(5 * MINUTE);
    expect(await subscribedTypes(isolate)).toEqual(["verification.failed"]);
  });
});

describe("The types of events with a subscriber, while D1 is down", () => {
  it("every type has a subscriber until the first read succeeds", async () => {
    await rig().register("shop.example.com", ["verification.failed"]);
    const isolate = otherIsolate();
    rig().databaseIsDown = true;
    expect(await subscribedTypes(isolate)).toEqual([...EVENT_TYPES].sort());
    rig().databaseIsDown = false;
    expect(await subscribedTypes(isolate)).toEqual([...EVENT_TYPES].sort());
    await rig().runFor(5 * SECOND);
    expect(await subscribedTypes(isolate)).toEqual(["verification.failed"]);
  });

  it("the last answer holds at any age, and D1 is queried every five seconds at most", async () => {
    await rig().register("shop.example.com", ["verification.failed"]);
    await subscribedTypes();
    rig().databaseIsDown = true;
    await rig().runFor(MINUTE);
    for (let second = 0; second < 20; second += 1) {
      expect(await subscribedTypes()).toEqual(["verification.failed"]);
      await refreshes();
      await rig().runFor(SECOND);
    }
    expect(rig().logLines).toHaveLength(4);
    await rig().runFor(60 * MINUTE);
    expect(await subscribedTypes()).toEqual(["verification.failed"]);
  });

  it("a read that hangs delays a caller by one second at most", async () => {
    const isolate = otherIsolate();
    const hanging = new Promise<never>(() => {});
    isolate.endpoints.list = () => hanging;
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date", "setTimeout"] });
    const answer = subscribedTypes(isolate);
    await vi.advanceTimersByTimeAsync(SECOND);
    expect(await answer).toEqual([...EVENT_TYPES].sort());
  });
});
