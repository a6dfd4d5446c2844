import { env } from "cloudflare:workers";
import { Buffer } from "node:buffer";
import { describe, expect, it, vi } from "vitest";
import { Keyring } from "../../src/platform/keyring.ts";
import { replay, sendTest } from "../../src/webhook-endpoints/manual.ts";
import { deliverEvents, enqueueOverdue } from "../../src/webhook-endpoints/queue.ts";
import { maintainWebhooks, webhooks } from "../../src/webhook-endpoints/webhooks.ts";
import { noticeEvent, verificationEvent } from "./events.ts";
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

describe("A rotation of SECRET_KEY", () => {
  const rotating = () => new Keyring(NEXT_KEY, env.SECRET_KEY);

  it("secrets of endpoints open during a rotation, and without the old key after the daily maintenance", async () => {
    const id = await rig().register("shop.example.com");
    const secret = rig().secrets.get("shop.example.com");
    expect((await under(rotating()).endpoints.target(id, null, Date.now()))?.secrets).toEqual([secret]);
    const afterwards = under(new Keyring(NEXT_KEY)).endpoints;
    await expect(afterwards.target(id, null, Date.now())).rejects.toThrow("does not open under any key");
    await maintainWebhooks(under(rotating()), 30);
    expect((await afterwards.target(id, null, Date.now()))?.secrets).toEqual([secret]);
  });

  it("a delivery whose key was removed fails with the reason", async () => {
    await rig().register("shop.example.com");
    await deliver(event());
    await maintainWebhooks(under(rotating()), 30);
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
  it("a finished delivery is deleted after the retention, and a pending one never", async () => {
    await rig().register("shop.example.com");
    await deliver(event());
    await rig().runFor(0);
    await deliver(event());
    rig().messages.length = 0;
    await rig().runFor(30 * DAY);
    await maintainWebhooks(rig().webhooks, 30);
    expect(await rows()).toHaveLength(2);
    await rig().runFor(1);
    await maintainWebhooks(rig().webhooks, 30);
    expect(await rows()).toMatchObject([{ status: "pending" }]);
    await enqueueOverdue(rig().webhooks);
    await rig().runFor(0);
    expect(rig().received).toHaveLength(2);
  });

  it("old deliveries are found by the index of an endpoint's list", async () => {
    const prepare = vi.spyOn(env.JOURNAL, "prepare");
    await rig().webhooks.deliveries.deleteBefore(10, 5);
    const [sql = ""] = prepare.mock.calls[0] ?? [];
    prepare.mockRestore();
    const plan = await env.JOURNAL.prepare(`EXPLAIN QUERY PLAN ${sql}`).bind(10, 5).run<{ detail: string }>();
    const details = plan.results.map(({ detail }) => detail).join("\n");
    expect(details).toContain(
      "SEARCH old USING INDEX webhook_deliveries_listed (endpoint_id=? AND created_at<?)",
    );
    expect(details).not.toMatch(/SCAN (old|webhook_deliveries)/);
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
