import { env } from "cloudflare:workers";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { deflateRawSync } from "node:zlib";
import { describe, expect, it, vi } from "vitest";
import { Keyring } from "../../src/platform/keyring.ts";
import { DELIVERY_BYTES } from "../../src/scale/per-verification.ts";
import { replay, sendTest } from "../../src/webhook-endpoints/manual.ts";
import { unpackEvent } from "../../src/webhook-endpoints/payload.ts";
import { DICTIONARIES } from "../../src/webhook-endpoints/payload-dictionary.ts";
import { deliverEvents, enqueueOverdue } from "../../src/webhook-endpoints/queue.ts";
import { deleteOldDeliveries } from "../../src/webhook-endpoints/retention.ts";
import { webhooks } from "../../src/webhook-endpoints/webhooks.ts";
import { eventsOfEachKind, noticeEvent, verificationEvent } from "./events.ts";
import { DAY, dump, MINUTE, rows, SECOND, useRig } from "./rig.ts";

const rig = useRig();
const TO = "+6281234567890";
const NEXT_KEY = "the next secret key of this deployment, 0123456789";

const event = () => verificationEvent(rig().keyring, TO);
const deliver = (...events: Parameters<typeof deliverEvents>[0]) => deliverEvents(events, rig().webhooks);

/** The same tables with another `SECRET_KEY`. */
const under = (keyring: Keyring) => webhooks({ ...rig().webhooks, keyring });

describe("Webhook endpoints in the database", () => {
  it("the database and the log contain no full number and no secret, for deliveries of every outcome", async () => {
    const ids = [await rig().register("shop.example.com"), await rig().register("crm.example.com")];
    rig().answers.set(
      "crm.example.com",
      async ({ event: it }) => new Response(JSON.stringify(it), { status: 500 }),
    );
    const secrets = [...rig().secrets.values()];
    await deliver(event(), noticeEvent(rig().keyring, TO));
    await rig().runFor(MINUTE);
    const rotated = await rig().webhooks.endpoints.rotate(ids[0] ?? "", null, Date.now());
    await sendTest(ids[1] ?? "", null, rig().webhooks);
    await deliver(event());

    const everything = `${await dump()}\n${rig().logLines.join("\n")}`;
    expect(rig().received.filter(({ event: it }) => JSON.stringify(it).includes(TO)).length).toBeGreaterThan(
      2,
    );
    const digits = TO.slice(1);
    for (const base64 of [0, 1, 2].map((shift) =>
      Buffer.from("x".repeat(shift) + digits).toString("base64"),
    )) {
      expect(everything).not.toContain(base64.slice(4, 12));
    }
    expect(everything).not.toContain(digits.slice(2, -2));
    for (const secret of [...secrets, rotated?.secret ?? ""]) {
      expect(everything).not.toContain(secret.slice(6));
    }
    expect(everything).not.toContain("wamid");
  });

  it("a sealed secret or event does not open in the row of another endpoint or delivery", async () => {
    const [first, second] = [
      await rig().register("shop.example.com"),
      await rig().register("crm.example.com"),
    ];
    await env.JOURNAL.prepare(
      "UPDATE webhook_endpoints SET secret = (SELECT secret FROM webhook_endpoints WHERE id = ?1) WHERE id = ?2",
    )
      .bind(first, second)
      .run();
    await expect(rig().webhooks.endpoints.target(second, null, Date.now())).rejects.toThrow(
      "does not open under any key",
    );

    await rig().webhooks.endpoints.delete(second, null);
    await deliver(event(), event());
    const [delivery, laterDelivery] = await rows();
    await env.JOURNAL.prepare("UPDATE webhook_deliveries SET payload = ?1 WHERE id = ?2")
      .bind(delivery?.payload, laterDelivery?.id)
      .run();
    await rig().runFor(0);
    expect(rig().received).toHaveLength(1);
  });
});

describe("The payload of a webhook delivery", () => {
  it.each([
    ["verification", 1100, 300],
    ["notification", 550, 260],
    ["guard", 380, 220],
    ["notice", 350, 260],
  ] as const)(
    "the payload of a %s event, of at least %i bytes as JSON, has at most %i",
    async (kind, plain, limit) => {
      await rig().register("shop.example.com");
      const sent = eventsOfEachKind(rig().keyring)[kind];
      await deliver(sent);
      const { results } = await env.JOURNAL.prepare(
        "SELECT typeof(payload) AS type, length(payload) AS bytes FROM webhook_deliveries",
      ).run();
      expect(JSON.stringify(sent).length).toBeGreaterThanOrEqual(plain);
      expect(results).toMatchObject([{ type: "blob" }]);
      expect(results[0]?.bytes).toBeLessThanOrEqual(limit);
      await rig().runFor(0);
      expect(rig().received).toMatchObject([{ id: sent.id, event: { type: sent.type } }]);
    },
  );

  it("a delivered event takes at most 700 bytes of the database, its indexes included", async () => {
    const { keyring, webhooks: parts } = rig();
    const sizeOf = async () => (await env.JOURNAL.prepare("SELECT 1").run()).meta.size_after;
    const endpointIds = [await rig().register("shop.example.com"), await rig().register("crm.example.com")];
    const before = await sizeOf();
    for (let batch = 0; batch < 20; batch += 1) {
      const events = Array.from({ length: 75 }, () => eventsOfEachKind(keyring).verification);
      const pairs = events.flatMap((each) => endpointIds.map((endpointId) => ({ event: each, endpointId })));
      await parts.deliveries.add(pairs, Date.now() + batch);
    }
    await env.JOURNAL.prepare(
      `UPDATE webhook_deliveries SET status = 'delivered', attempts = 1, next_attempt_at = NULL, last_status = 204,
         duration_ms = 48, updated_at = updated_at + 1730`,
    ).run();
    const bytes = ((await sizeOf()) - before) / 3000;
    expect(bytes).toBeLessThanOrEqual(700);
    // What `npm run scale` reckons with.
    expect(bytes / DELIVERY_BYTES).toBeCloseTo(1, 1);
  });

  it("the dictionary of version 1 never changes, because stored payloads need it", () => {
    const digest = createHash("sha256")
      .update(DICTIONARIES[0] ?? "")
      .digest("hex");
    expect(digest).toBe("9eb1507b4b63c2e954512722038af3668b5750dd4f8fea1255f03f4b8f6a6fb8");
  });

  it("a payload that an earlier version stored as text is delivered", async () => {
    await rig().register("shop.example.com");
    const sent = event();
    await deliver(sent);
    const [row] = await rows();
    const text = rig().keyring.seal(JSON.stringify(sent), `webhook-delivery/${row?.id}`);
    await env.JOURNAL.prepare("UPDATE webhook_deliveries SET payload = ?1").bind(text).run();
    await rig().runFor(0);
    expect(rig().received).toMatchObject([{ id: sent.id, event: { data: { to: TO } } }]);
  });

  it("a payload that inflates beyond the size of any event is refused", async () => {
    const bomb = deflateRawSync(Buffer.alloc(1_000_000, " "), {
      dictionary: Buffer.from(DICTIONARIES[0] ?? ""),
    });
    expect(bomb.length).toBeLessThan(2_000);
    expect(() => unpackEvent(Buffer.concat([Buffer.of(1), bomb]))).toThrow("Memory limit exceeded");
    expect(() => unpackEvent(Buffer.of(9, 0))).toThrow("unknown dictionary 9");
  });
});

describe("A rotation of SECRET_KEY", () => {
  const rotating = () => new Keyring(NEXT_KEY, env.SECRET_KEY);

  it("secrets of endpoints open during a rotation, and without the old key after the daily maintenance", async () => {
    const id = await rig().register("shop.example.com");
    const secret = rig().secrets.get("shop.example.com");
    expect((await under(rotating()).endpoints.target(id, null, Date.now()))?.secrets).toEqual([secret]);
    const afterwards = under(new Keyring(NEXT_KEY)).endpoints;
    await expect(afterwards.target(id, null, Date.now())).rejects.toThrow("does not open under any key");
    await under(rotating()).endpoints.reseal();
    expect((await afterwards.target(id, null, Date.now()))?.secrets).toEqual([secret]);
  });

  it("a delivery whose key was removed fails with the reason", async () => {
    await rig().register("shop.example.com");
    await deliver(event());
    await under(rotating()).endpoints.reseal();
    Object.assign(rig(), { webhooks: under(new Keyring(NEXT_KEY)) });
    await rig().runFor(DAY);
    expect(rig().received).toEqual([]);
    expect(await rows()).toMatchObject([
      {
        status: "failed",
        last_error: "The event is encrypted with a SECRET_KEY that is no longer configured.",
      },
    ]);
  });
});

describe("A finished webhook delivery", () => {
  /** The statuses of what is left after a run of the schedule. */
  const leftAfter = async (retentionDays: number, isDaily: boolean) => {
    await deleteOldDeliveries(rig().webhooks, retentionDays, isDaily);
    return (await rows()).map(({ status }) => status);
  };

  it("a delivered event is kept for seven days, a failed one for the retention, and a pending one for ever", async () => {
    await rig().register("shop.example.com");
    const gone = await rig().register("gone.example.com");
    rig().answers.set("gone.example.com", () => new Response(null, { status: 410 }));
    await deliver(event());
    await rig().runFor(0);
    await rig().webhooks.endpoints.delete(gone, null);
    await deliver(event());
    rig().messages.length = 0;
    await rig().runFor(7 * DAY);
    expect(await leftAfter(90, true)).toHaveLength(3);
    await rig().runFor(1);
    expect((await leftAfter(90, false)).sort()).toEqual(["failed", "pending"]);
    await rig().runFor(83 * DAY - 1);
    expect((await leftAfter(90, true)).sort()).toEqual(["failed", "pending"]);
    await rig().runFor(1);
    expect(await leftAfter(90, false)).toHaveLength(2);
    expect(await leftAfter(90, true)).toEqual(["pending"]);
    await enqueueOverdue(rig().webhooks);
    await rig().runFor(0);
    expect(rig().received).toHaveLength(3);
  });

  it("a delivered event is kept no longer than the retention, and the daily run deletes what other runs have missed", async () => {
    await rig().register("shop.example.com");
    await deliver(event());
    await rig().runFor(2 * DAY);
    expect(await leftAfter(2, false)).toHaveLength(1);
    expect(await leftAfter(1, false)).toEqual([]);
    await deliver(event());
    await rig().runFor(10 * DAY);
    expect(await leftAfter(90, false)).toHaveLength(1);
    expect(await leftAfter(90, true)).toEqual([]);
  });

  it("one run deletes tens of thousands of delivered events, and reads none of the failed ones before them", async () => {
    await env.JOURNAL.prepare(
      `WITH RECURSIVE made (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM made WHERE n < 30000)
       INSERT INTO webhook_deliveries (id, endpoint_id, event_id, type, payload, status, attempts, created_at, updated_at)
       SELECT 'whd_' || n, 'whe_' || n % 2, 'evt', 'verification.message', x'00',
         CASE WHEN n <= 10000 THEN 'failed' ELSE 'delivered' END, 1, ?1 - ?2 * (n <= 10000), 0 FROM made`,
    )
      .bind(Date.now() - 8 * DAY, 5 * DAY)
      .run();
    const read: number[] = [];
    const { deliveries } = rig().webhooks;
    const run = vi.spyOn(Object.getPrototypeOf(env.JOURNAL.prepare("SELECT 1")), "run");
    await deleteOldDeliveries(rig().webhooks, 90, false);
    for (const { value } of run.mock.results) read.push((await value).meta.rows_read);
    run.mockRestore();
    const { results } = await env.JOURNAL.prepare(
      "SELECT status, count(*) AS n FROM webhook_deliveries GROUP BY 1",
    ).run();
    expect(results).toEqual([{ status: "failed", n: 10_000 }]);
    expect(read).toHaveLength(5);
    expect(read.at(-1)).toBeLessThan(20);
    expect(await deliveries.delete({ status: "delivered", from: 0, before: Date.now() }, 10)).toBe(0);
  });

  it("a finished delivery can be replayed with all attempts under the same id", async () => {
    const id = await rig().register("shop.example.com");
    rig().answers.set("shop.example.com", () => new Response(null, { status: 500 }));
    const sent = event();
    await deliver(sent);
    await rig().runFor(4 * DAY);
    const failed = await rig().webhooks.deliveries.list(id, true, 10, null);
    expect(failed.deliveries).toMatchObject([{ status: "failed", attempts: 10, eventId: sent.id }]);

    const endpoint = await rig().webhooks.endpoints.get(id, null);
    const [delivery] = failed.deliveries;
    if (endpoint === null || delivery === undefined)
      throw new Error("The endpoint and its delivery should exist");
    rig().received.length = 0;
    await replay(delivery.id, endpoint, rig().webhooks);
    await rig().runFor(0);
    rig().answers.delete("shop.example.com");
    await rig().runFor(5 * SECOND);
    expect(rig().received.map((received) => received.id)).toEqual([sent.id, sent.id]);
    expect(await rows()).toMatchObject([{ status: "delivered", attempts: 2 }]);

    await replay(delivery.id, endpoint, rig().webhooks);
    await rig().runFor(DAY);
    expect(rig().received).toHaveLength(3);
  });
});
