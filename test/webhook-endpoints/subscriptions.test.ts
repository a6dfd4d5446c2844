import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { EVENT_TYPES } from "../../src/events/event.ts";
import { webhooks } from "../../src/webhook-endpoints/webhooks.ts";
import { MINUTE, SECOND, useRig } from "./rig.ts";

const rig = useRig();

/** The work that was handed to the background, until it is waited for. */
const work: Promise<unknown>[] = [];
const refreshes = () => Promise.all(work.splice(0));
const interests = async (of = rig().webhooks) =>
  [...(await of.subscriptions.subscribedTypes((more) => void work.push(more)))].sort();

/** Another isolate over the same database. */
const elsewhere = () => webhooks({ ...rig().webhooks });

describe("the types of events that somebody wants", () => {
  it("are those of the enabled endpoints together", async () => {
    expect(await interests()).toEqual([]);
    await rig().register("shop.example.com", ["verification.approved", "verification.failed"]);
    const id = await rig().register("crm.example.com", ["verification.failed", "message.received"]);
    expect(await interests()).toEqual(["message.received", "verification.approved", "verification.failed"]);
    await rig().webhooks.endpoints.update(id, { status: "disabled" });
    expect(await interests()).toEqual(["verification.approved", "verification.failed"]);
    await rig().register("all.example.com");
    expect(await interests()).toEqual([...EVENT_TYPES].sort());
  });

  it("ignore one that this version does not know", async () => {
    const id = await rig().register("shop.example.com", ["verification.failed"]);
    const types = JSON.stringify(["verification.forgotten", "verification.failed"]);
    await env.JOURNAL.prepare("UPDATE webhook_endpoints SET event_types = ?1 WHERE id = ?2")
      .bind(types, id)
      .run();
    expect(await interests()).toEqual(["verification.failed"]);
  });

  it("are read once a minute, in the background, while the answer of before is given at once", async () => {
    const isolate = elsewhere();
    expect(await interests(isolate)).toEqual([]);
    await rig().register("shop.example.com", ["verification.failed"]);
    await rig().runFor(59 * SECOND);
    expect(await interests(isolate)).toEqual([]);
    expect(work).toEqual([]);
    await rig().runFor(SECOND);
    expect(await Promise.all([interests(isolate), interests(isolate)])).toEqual([[], []]);
    expect(work).toHaveLength(1);
    await refreshes();
    expect(await interests(isolate)).toEqual(["verification.failed"]);
  });

  it("are read anew by an isolate that has slept: its answer is too old to be given", async () => {
    const isolate = elsewhere();
    await interests(isolate);
    await rig().register("shop.example.com", ["verification.failed"]);
    await rig().runFor(5 * MINUTE);
    expect(await interests(isolate)).toEqual(["verification.failed"]);
  });
});

describe("while the database is down", () => {
  it("every type is wanted, as long as nothing is known", async () => {
    await rig().register("shop.example.com", ["verification.failed"]);
    const isolate = elsewhere();
    rig().databaseIsDown = true;
    expect(await interests(isolate)).toEqual([...EVENT_TYPES].sort());
    rig().databaseIsDown = false;
    expect(await interests(isolate)).toEqual([...EVENT_TYPES].sort());
    await rig().runFor(5 * SECOND);
    expect(await interests(isolate)).toEqual(["verification.failed"]);
  });

  it("what was known holds, however old, and the database is asked every five seconds at most", async () => {
    await rig().register("shop.example.com", ["verification.failed"]);
    await interests();
    rig().databaseIsDown = true;
    await rig().runFor(MINUTE);
    for (let second = 0; second < 20; second += 1) {
      expect(await interests()).toEqual(["verification.failed"]);
      await refreshes();
      await rig().runFor(SECOND);
    }
    expect(rig().logLines).toHaveLength(4);
    await rig().runFor(60 * MINUTE);
    expect(await interests()).toEqual(["verification.failed"]);
  });

  it("nobody waits for one that hangs", async () => {
    const isolate = elsewhere();
    const hanging = new Promise<never>(() => {});
    isolate.endpoints.list = () => hanging;
    const started = performance.now();
    expect(await interests(isolate)).toEqual([...EVENT_TYPES].sort());
    expect(performance.now() - started).toBeLessThan(1500);
  });
});
