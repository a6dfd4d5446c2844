import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { gathering } from "../../src/platform/async.ts";
import { postInPlaces } from "../../src/webhook-endpoints/places.ts";
import { deliverEvents, enqueueOverdue } from "../../src/webhook-endpoints/queue.ts";
import { verificationEvent } from "./events.ts";
import { DAY, HOUR, MINUTE, rows, SECOND, useRig } from "./rig.ts";

const rig = useRig();
const realSetTimeout = setTimeout;

const event = () => verificationEvent(rig().keyring, "+6281234567890", "verification.message");
const deliver = (count: number) => deliverEvents(Array.from({ length: count }, event), rig().webhooks);
const countOf = (host: string) => rig().received.filter((received) => received.host === host).length;
const waitingIn = (queue: "first" | "slow") => rig().messages.filter((message) => message.queue === queue);
const slownessOf = async (id: string) => (await rig().webhooks.endpoints.get(id, null))?.slowness;

/** Resolves when a condition holds, while the clock stands still. */
async function until(condition: () => unknown): Promise<void> {
  while (!(await condition())) await new Promise((resume) => realSetTimeout(resume, 1));
}

/** Lets an endpoint hang until it is released, as one that times out. */
function hang(host: string): () => void {
  let release = () => {};
  const released = new Promise<void>((resume) => {
    release = resume;
  });
  rig().answers.set(host, () =>
    released.then(() => {
      throw new DOMException("late", "TimeoutError");
    }),
  );
  return release;
}

beforeEach(() => {
  vi.useFakeTimers({ now: Date.now(), toFake: ["Date", "setTimeout", "clearTimeout"] });
});

afterEach(() => {
  rig().answers.clear();
});

describe("The first attempt of a webhook delivery", () => {
  it("a first attempt is never placed behind a retry: each delivery is in its queue once, and every repeat in the other", async () => {
    const put = vi.spyOn(rig().messages, "push");
    await rig().register("shop.example.com");
    await rig().register("crm.example.com");
    let answers = 0;
    rig().answers.set(
      "crm.example.com",
      () => new Response(null, { status: answers++ % 3 === 0 ? 200 : 500 }),
    );
    const sent = Array.from({ length: 30 }, event);
    await deliverEvents(sent, rig().webhooks);
    rig().messages.splice(0, 5);
    await rig().runFor(SECOND);
    await deliverEvents(sent, rig().webhooks);
    rig().databaseIsDown = true;
    await rig().runFor(MINUTE);
    rig().databaseIsDown = false;
    await rig().runFor(HOUR);
    await enqueueOverdue(rig().webhooks);
    await rig().runFor(4 * DAY);

    expect(new Set((await rows()).map(({ status }) => status))).toEqual(new Set(["delivered"]));
    const messages = Map.groupBy(put.mock.calls.flat(), ({ id }) => id);
    expect(messages.size).toBe(60);
    for (const ofDelivery of messages.values()) {
      // The queue's own repeats stay in it for a delay, and are passed on unattempted.
      const path = ofDelivery.map(({ queue, attempts }) => (attempts > 1 ? "again" : queue)).join(" ");
      expect(path).toMatch(/^first( first)?( again)*( slow( again)*)*$/);
    }
    const all = [...messages.values()].flat();
    expect(all.filter(({ queue }) => queue === "slow").length).toBeGreaterThan(20);
  });

  it("a message that the queue of first attempts repeats is passed on without an attempt", async () => {
    await rig().register("shop.example.com");
    await deliver(1);
    const [message] = rig().messages.splice(0);
    if (message === undefined) throw new Error("The delivery should have a message");
    rig().messages.push({ ...message, attempts: 2 });
    const posts = vi.mocked(fetch).mock.calls.length;
    const waits = vi.spyOn(rig().messages, "push");
    await rig().runFor(0);
    expect(waits.mock.calls.flat()).toMatchObject([{ queue: "slow", id: message.id, attempts: 1 }]);
    expect(vi.mocked(fetch).mock.calls.length).toBe(posts + 1);
    expect(await rows()).toMatchObject([{ status: "delivered", attempts: 1 }]);
  });
});

describe("The queue of first attempts", () => {
  it("a message that the version before sent for a repeat is passed on when it is due", async () => {
    await rig().register("shop.example.com");
    await deliver(2);
    const [, second] = await rows();
    await env.JOURNAL.prepare(
      "UPDATE webhook_deliveries SET attempts = 1, next_attempt_at = ?1 WHERE id = ?2",
    )
      .bind(Date.now() + MINUTE, second?.id)
      .run();
    const put = vi.spyOn(rig().messages, "push");
    await rig().runFor(0);
    expect(countOf("shop.example.com")).toBe(1);
    expect(put.mock.calls.flat()).toMatchObject([
      { queue: "slow", id: second?.id, dueAt: Date.now() + MINUTE },
    ]);
    await rig().runFor(MINUTE);
    expect(await rows()).toMatchObject([{ status: "delivered" }, { status: "delivered" }]);
  });

  it("a batch reads the database twice, and writes results together", async () => {
    await rig().register("shop.example.com");
    await rig().register("crm.example.com");
    await deliver(12);
    const run = vi.spyOn(Object.getPrototypeOf(env.JOURNAL.prepare("SELECT 1")), "run");
    await rig().runFor(0);
    const statements = run.mock.calls.length;
    run.mockRestore();
    expect((await rows()).map(({ status }) => status)).toEqual(Array(24).fill("delivered"));
    expect(statements).toBeGreaterThanOrEqual(3);
    expect(statements).toBeLessThanOrEqual(2 + 12);
  });

  it("results are found by their rows' key, however large the table is", async () => {
    await rig().register("shop.example.com");
    await deliver(1);
    const prepare = vi.spyOn(env.JOURNAL, "prepare");
    await rig().runFor(0);
    const sql = prepare.mock.calls.flat().find((text) => text.includes("AS done")) ?? "";
    prepare.mockRestore();
    const plan = await env.JOURNAL.prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .bind("[]", 0)
      .run<{ detail: string }>();
    const details = plan.results.map(({ detail }) => detail).join("\n");
    expect(details).toContain("SEARCH webhook_deliveries USING PRIMARY KEY (id=?)");
    expect(details).not.toContain("SCAN webhook_deliveries");
  });

  it("deliveries go on before the migration that counts slow answers, and a warning says that it is missing", async () => {
    await env.JOURNAL.prepare("ALTER TABLE webhook_endpoints DROP COLUMN slowness").run();
    try {
      const id = await rig().register("shop.example.com");
      await deliver(1);
      await rig().runFor(0);
      await rig().webhooks.health.recordSlow(id);
      expect(await rows()).toMatchObject([{ status: "delivered" }]);
      expect(rig().logLines.join()).toContain("The pace of a webhook endpoint could not be recorded");
      expect(await slownessOf(id)).toBe(0);
    } finally {
      await env.JOURNAL.prepare(
        "ALTER TABLE webhook_endpoints ADD COLUMN slowness INTEGER NOT NULL DEFAULT 0",
      ).run();
    }
  });
});

describe("What is written while a write is under way", () => {
  it("items that are given meanwhile are written together, and each learns what came of its own write", async () => {
    const written: string[] = [];
    const ends: ((failed: boolean) => void)[] = [];
    const write = gathering((items: readonly string[]) => {
      written.push(items.join(""));
      return new Promise<void>((resolve, reject) =>
        ends.push((failed) => (failed ? reject(new Error("down")) : resolve())),
      );
    });
    const first = write("a");
    await until(() => written.length === 1);
    const others = [write("b"), write("c")];
    expect(written).toEqual(["a"]);
    ends[0]?.(true);
    await expect(first).rejects.toThrow("down");
    await until(() => written.length === 2);
    expect(written).toEqual(["a", "bc"]);
    ends[1]?.(false);
    await expect(Promise.all(others)).resolves.toEqual([undefined, undefined]);
  });
});

describe("A webhook endpoint that hangs", () => {
  it("a hanging endpoint takes three of six places, and the others' events of the same batch are delivered meanwhile", async () => {
    await rig().register("hangs.example.com");
    await rig().register("shop.example.com");
    const release = hang("hangs.example.com");
    await deliver(12);
    const running = rig().runFor(0);
    await until(() => countOf("shop.example.com") === 12);
    expect(countOf("hangs.example.com")).toBe(3);

    await vi.advanceTimersByTimeAsync(5 * SECOND);
    await until(() => waitingIn("slow").length === 9);
    expect(countOf("hangs.example.com")).toBe(3);
    release();
    await running;
    expect(countOf("shop.example.com")).toBe(12);
  });

  it("a batch ends although more wait: after five seconds they are passed back to the queue of first attempts", async () => {
    await rig().register("shop.example.com");
    const released: (() => void)[] = [];
    rig().answers.set("shop.example.com", async () => {
      if (countOf("shop.example.com") > 1) await new Promise<void>((resume) => released.push(resume));
      return new Response();
    });
    const put = vi.spyOn(rig().messages, "push");
    await deliver(10);
    const running = rig().runFor(0);
    await until(() => countOf("shop.example.com") === 7);
    await vi.advanceTimersByTimeAsync(5 * SECOND);
    await until(() => put.mock.calls.length === 13);
    expect(put.mock.calls.flat().map(({ queue }) => queue)).toEqual(Array(13).fill("first"));
    rig().answers.clear();
    for (const release of released) release();
    await running;
    await rig().runFor(5 * SECOND);
    expect((await rows()).map(({ status }) => status)).toEqual(Array(10).fill("delivered"));
  });

  it("three slow attempts make an endpoint slow, and its events wait in the slow queue until it has answered ten in time", async () => {
    const id = await rig().register("shop.example.com");
    const release = hang("shop.example.com");
    await deliver(3);
    const running = rig().runFor(0);
    await until(() => countOf("shop.example.com") === 3);
    expect(await slownessOf(id)).toBe(0);
    await vi.advanceTimersByTimeAsync(5 * SECOND);
    await until(async () => (await slownessOf(id)) === 12);
    await deliver(1);
    expect(waitingIn("slow")).toHaveLength(1);
    release();
    await running;

    rig().answers.clear();
    for (let left = 9; left > 0; left -= 1) {
      rig().messages.length = 0;
      await deliver(1);
      expect(waitingIn("slow")).toHaveLength(1);
      await rig().runFor(0);
    }
    rig().messages.length = 0;
    expect(await slownessOf(id)).toBe(3);
    await deliver(1);
    await rig().runFor(0);
    await deliver(1);
    expect(waitingIn("first")).toHaveLength(1);
  });

  it("messages for an endpoint that has become slow are passed on by the queue of first attempts", async () => {
    const id = await rig().register("shop.example.com");
    await deliver(2);
    for (let times = 0; times < 3; times += 1) await rig().webhooks.health.recordSlow(id);
    const put = vi.spyOn(rig().messages, "push");
    await rig().runFor(0);
    expect(put.mock.calls.flat().map(({ queue }) => queue)).toEqual(["slow", "slow"]);
    expect(countOf("shop.example.com")).toBe(2);
  });

  it("two slow attempts and a prompt one leave an endpoint as it was", async () => {
    const id = await rig().register("shop.example.com");
    for (let times = 0; times < 2; times += 1) await rig().webhooks.health.recordSlow(id);
    expect(await slownessOf(id)).toBe(2);
    await deliver(1);
    expect(waitingIn("first")).toHaveLength(1);
    await rig().runFor(0);
    expect(await slownessOf(id)).toBe(0);
  });
});

describe("The places of a batch", () => {
  const item = (endpointId: string) => ({ endpointId });

  it("an endpoint has three of six places until it answers, then all that are free", async () => {
    const begun: string[] = [];
    const ends: (() => void)[] = [];
    const post = ({ endpointId }: { readonly endpointId: string }) => {
      begun.push(endpointId);
      return new Promise<boolean>((resume) => ends.push(() => resume(true)));
    };
    const posting = postInPlaces([...Array(8).fill(item("a")), ...Array(8).fill(item("b"))], post, MINUTE);
    expect(begun.join("")).toBe("ababab");
    ends[1]?.();
    await until(() => begun.length === 7);
    expect(begun.join("")).toBe("abababb");
    vi.advanceTimersByTime(MINUTE);
    const { notBegun, unanswered } = await posting;
    expect(notBegun).toHaveLength(9);
    expect(unanswered).toEqual(new Set(["a"]));

    begun.length = 0;
    void postInPlaces(Array(8).fill(item("a")), post, MINUTE);
    expect(begun.join("")).toBe("aaa");
    ends.at(-1)?.();
    await until(() => begun.length > 3);
    expect(begun.join("")).toBe("aaaaaaa");
  });
});
