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

  it("an unknown type is ignored, and none is unknown to an endpoint of every type", async () => {
    const id = await rig().register("shop.example.com", ["verification.failed"]);
    const types = JSON.stringify(["verification.forgotten", "verification.failed"]);
    await env.JOURNAL.prepare("UPDATE webhook_endpoints SET event_types = ?1 WHERE id = ?2")
      .bind(types, id)
      .run();
    await rig().webhooks.subscriptions.publish();
    expect(await subscribedTypes()).toEqual(["verification.failed"]);
    await env.API_KEYS.put(
      "subscribed_types",
      JSON.stringify({ types: ["verification.of_a_later_version"] }),
    );
    expect(await subscribedTypes(otherIsolate())).toEqual([]);
    await env.API_KEYS.put("subscribed_types", JSON.stringify({ types: null }));
    expect(await subscribedTypes(otherIsolate())).toEqual([...EVENT_TYPES].sort());
  });

  it("the first isolate of a deployment that has not written the types yet reads them from D1 and writes them", async () => {
    await rig().register("shop.example.com", ["verification.failed"]);
    await env.API_KEYS.delete("subscribed_types");
    expect(await subscribedTypes(otherIsolate())).toEqual(["verification.failed"]);
    expect(await env.API_KEYS.get("subscribed_types", "json")).toEqual({ types: ["verification.failed"] });
  });

  it("isolates ask the database only after changes", async () => {
    await rig().register("shop.example.com", ["verification.failed"]);
    rig().databaseIsDown = true;
    for (let isolate = 0; isolate < 3; isolate += 1) {
      expect(await subscribedTypes(otherIsolate())).toEqual(["verification.failed"]);
    }
    expect(rig().logLines).toEqual([]);
  });

  it("types that KV did not take are stored by the schedule", async () => {
    const refused = vi.spyOn(env.API_KEYS, "put").mockRejectedValue(new Error("KV PUT failed: 429"));
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date", "setTimeout"] });
    const registered = rig().register("shop.example.com", ["verification.failed"]);
    await vi.waitFor(() => expect(refused).toHaveBeenCalledOnce());
    await vi.advanceTimersByTimeAsync(1_100);
    await registered;
    vi.useRealTimers();
    expect(refused).toHaveBeenCalledTimes(2);
    expect(await subscribedTypes()).toEqual(["verification.failed"]);
    refused.mockRestore();
    const written = vi.spyOn(env.API_KEYS, "put");
    await rig().webhooks.subscriptions.reconcile();
    await rig().webhooks.subscriptions.reconcile();
    expect(written).toHaveBeenCalledOnce();
    expect(await subscribedTypes(otherIsolate())).toEqual(["verification.failed"]);
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

describe("The types of events with a subscriber, while KV is down", () => {
  const goDown = () => vi.spyOn(env.API_KEYS, "get").mockRejectedValue(new Error("KV GET failed: 500"));

  it("every type has a subscriber until the first read succeeds", async () => {
    await rig().register("shop.example.com", ["verification.failed"]);
    const isolate = otherIsolate();
    const down = goDown();
    expect(await subscribedTypes(isolate)).toEqual([...EVENT_TYPES].sort());
    down.mockRestore();
    expect(await subscribedTypes(isolate)).toEqual([...EVENT_TYPES].sort());
    await rig().runFor(5 * SECOND);
    expect(await subscribedTypes(isolate)).toEqual(["verification.failed"]);
  });

  it("the last answer holds at any age, and KV is asked every five seconds at most", async () => {
    await rig().register("shop.example.com", ["verification.failed"]);
    await subscribedTypes();
    goDown();
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
    vi.spyOn(env.API_KEYS, "get").mockImplementation((() => new Promise(() => {})) as never);
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date", "setTimeout"] });
    const answer = subscribedTypes(otherIsolate());
    await vi.advanceTimersByTimeAsync(SECOND);
    expect(await answer).toEqual([...EVENT_TYPES].sort());
  });
});
