import { describe, expect, it, vi } from "vitest";
import { deliverEvents } from "../../src/webhook-endpoints/queue.ts";
import { noticeEvent, verificationEvent } from "./events.ts";
import { DAY, dump, HOUR, MINUTE, rows, SECOND, START, useRig } from "./rig.ts";

const rig = useRig();
const TO = "+6281234567890";

const event = (type?: Parameters<typeof verificationEvent>[2]) => verificationEvent(rig().keyring, TO, type);
const deliver = (...events: Parameters<typeof deliverEvents>[0]) => deliverEvents(events, rig().webhooks);
const status = (code: number) => () => new Response("no", { status: code });

describe("An event for webhook endpoints", () => {
  it("an event reaches every subscribed endpoint, signed, with the full number, under its own id", async () => {
    await rig().register("shop.example.com");
    await rig().register("crm.example.com", ["verification.approved", "verification.failed"]);
    await rig().register("chat.example.com", ["message.received"]);
    const [approved, message] = [event(), noticeEvent(rig().keyring, "+6281111111111")];
    await deliver(approved, message);
    expect(rig().received).toEqual([]);
    await rig().runFor(0);

    const by = (host: string) => rig().received.filter((received) => received.host === host);
    expect(
      by("shop.example.com")
        .map(({ id }) => id)
        .sort(),
    ).toEqual([approved.id, message.id].sort());
    expect(by("crm.example.com").map(({ id }) => id)).toEqual([approved.id]);
    expect(by("chat.example.com").map(({ id }) => id)).toEqual([message.id]);
    expect(by("crm.example.com")[0]?.event).toMatchObject({
      type: "verification.approved",
      timestamp: new Date(START).toISOString(),
      data: { id: approved.verification.id, to: TO, status: "approved", metadata: { order_id: "A-77" } },
    });
    expect(by("chat.example.com")[0]?.event).toEqual({
      type: "message.received",
      timestamp: new Date(START).toISOString(),
      data: {
        app: "default",
        channel: "whatsapp",
        from: "+6281111111111",
        text: "Hi",
        system: { new_number: "+6281234567891" },
      },
    });
  });

  it("the data of an event has the fields of the API's answer, and nothing sealed", async () => {
    await rig().register("shop.example.com");
    await deliver(event());
    await rig().runFor(0);
    const { data } = rig().received[0]?.event ?? {};
    expect(Object.keys(data).sort()).toEqual(
      [
        "id",
        "app",
        "via",
        "method",
        "message_first",
        "number_learned",
        "other_number_ends_with",
        "status",
        "reason",
        "purpose",
        "to",
        "channel",
        "locale",
        "bind",
        "metadata",
        "identity_changed",
        "test",
        "messages",
        "attempts_remaining",
        "sends_remaining",
        "created_at",
        "expires_at",
        "resend_at",
        "closed_at",
      ].sort(),
    );
    expect(JSON.stringify(data)).not.toMatch(/seal|mask/i);
  });

  it("an event is posted as JSON with a user agent, and redirects are not followed", async () => {
    await rig().register("shop.example.com");
    rig().answers.set("shop.example.com", () => Response.redirect("https://evil.example.com/", 302));
    await deliver(event());
    await rig().runFor(0);
    const [request] = rig().requests;
    expect(request?.method).toBe("POST");
    expect(request?.redirect).toBe("manual");
    expect(request?.headers.get("content-type")).toBe("application/json");
    expect(request?.headers.get("user-agent")).toBe("Sandi-Webhooks/1");
    expect(rig().requests).toHaveLength(1);
    expect((await rows())[0]).toMatchObject({ status: "pending", last_status: 302 });
  });

  it("an event arrives once when the queue repeats it before, during and after its delivery", async () => {
    await rig().register("shop.example.com");
    await rig().register("crm.example.com");
    const sent = event();
    await deliver(sent, sent);
    await deliver(sent);
    rig().messages.push(...rig().messages);
    expect(rig().messages.length).toBeGreaterThan(4);
    await rig().runFor(0);
    await deliver(sent);
    await rig().runFor(DAY);
    expect(
      rig()
        .received.map(({ host, id }) => [host, id])
        .sort(),
    ).toEqual([
      ["crm.example.com", sent.id],
      ["shop.example.com", sent.id],
    ]);
    expect(await rows()).toHaveLength(2);
  });

  it("an event without a subscribed endpoint stores and enqueues nothing", async () => {
    await rig().register("crm.example.com", ["verification.failed"]);
    const disabled = await rig().register("shop.example.com");
    await rig().webhooks.endpoints.update(disabled, null, { status: "disabled" });
    await deliver(event());
    expect([await rows(), rig().messages]).toEqual([[], []]);
  });

  it("a batch of 100 events is stored and enqueued for 20 endpoints in one call", async () => {
    for (let n = 0; n < 20; n += 1) await rig().register(`shop-${n}.example.com`);
    await deliver(...Array.from({ length: 100 }, () => event("verification.message")));
    expect(new Set(rig().messages.map(({ id }) => id)).size).toBe(2000);
    expect(await rows()).toHaveLength(2000);
  });
});

describe("A failing webhook endpoint", () => {
  it("an endpoint that fails four times gets the event at the fifth attempt, by the schedule and under the same id", async () => {
    await rig().register("shop.example.com");
    let failures = 4;
    rig().answers.set("shop.example.com", () => new Response(null, { status: failures-- > 0 ? 503 : 200 }));
    const sent = event();
    await deliver(sent);
    await rig().runFor(10 * DAY);
    const at = rig().received.map((received) => received.at - START);
    const [second, third, fourth] = [5 * SECOND, 5 * SECOND + 5 * MINUTE, 5 * SECOND + 35 * MINUTE];
    expect(at).toEqual([0, second, third, fourth, fourth + 2 * HOUR]);
    expect(new Set(rig().received.map(({ id }) => id))).toEqual(new Set([sent.id]));
    expect(await rows()).toMatchObject([
      { status: "delivered", attempts: 5, last_status: 200, last_error: null, next_attempt_at: null },
    ]);
  });

  it("a delivery that fails ten times, after every delay of the schedule, becomes a dead letter", async () => {
    await rig().register("shop.example.com");
    rig().answers.set("shop.example.com", status(500));
    await deliver(event());
    await rig().runFor(4 * DAY);
    const times = rig().received.map(({ at }) => at);
    expect(times.slice(1).map((at, index) => (at - (times[index] ?? 0)) / SECOND)).toEqual([
      5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400,
    ]);
    expect(await rows()).toMatchObject([
      { status: "failed", attempts: 10, last_status: 500, last_error: "The endpoint answered 500." },
    ]);
    expect(rig().messages).toEqual([]);
  });

  it.each([
    ["refuses the connection", new TypeError("Network connection lost"), "The connection failed."],
    ["takes too long", new DOMException("late", "TimeoutError"), "No answer within 15 s."],
  ])("a delivery is retried when the endpoint %s", async (_, error, message) => {
    await rig().register("shop.example.com");
    vi.mocked(fetch).mockRejectedValueOnce(error);
    await deliver(event());
    await rig().runFor(0);
    expect(await rows()).toMatchObject([{ status: "pending", last_status: null, last_error: message }]);
    await rig().runFor(5 * SECOND);
    expect(await rows()).toMatchObject([{ status: "delivered", attempts: 2 }]);
  });

  it("an attempt has a time limit of 15 seconds, whose timer ends with the answer", async () => {
    await rig().register("shop.example.com");
    const [started, ended] = [vi.spyOn(globalThis, "setTimeout"), vi.spyOn(globalThis, "clearTimeout")];
    await deliver(event());
    await rig().runFor(0);
    const place = started.mock.calls.findIndex(([, milliseconds]) => milliseconds === 15_000);
    expect(ended).toHaveBeenCalledWith(started.mock.results[place]?.value);
    const signal = vi.mocked(fetch).mock.calls[0]?.[1]?.signal;
    expect(signal?.aborted).toBe(false);
    started.mock.calls[place]?.[0]();
    expect(signal).toMatchObject({ aborted: true, reason: { name: "TimeoutError" } });
  });

  it("a slow endpoint does not delay other endpoints", async () => {
    await rig().register("slow.example.com");
    await rig().register("shop.example.com");
    let release = () => {};
    const released = new Promise<void>((resume) => {
      release = resume;
    });
    rig().answers.set("slow.example.com", () => released.then(() => new Response()));
    await deliver(event(), event());
    const running = rig().runFor(0);
    await vi.waitFor(async () => {
      const delivered = (await rows()).filter((row) => row.status === "delivered");
      expect(delivered).toHaveLength(2);
    });
    expect(rig().received.filter(({ host }) => host === "slow.example.com")).toHaveLength(2);
    release();
    await running;
    expect((await rows()).map((row) => row.status)).toEqual(Array(4).fill("delivered"));
  });

  it("the answer of an endpoint is neither stored nor logged, because it may quote the event", async () => {
    await rig().register("shop.example.com");
    rig().answers.set(
      "shop.example.com",
      ({ event: it }) => new Response(JSON.stringify(it), { status: 500 }),
    );
    await deliver(event());
    await rig().runFor(MINUTE);
    expect((await dump()) + rig().logLines.join()).not.toContain(TO.slice(3));
  });
});

describe("Disabling a webhook endpoint", () => {
  it("an endpoint that answers 410 is disabled at once", async () => {
    const id = await rig().register("shop.example.com");
    rig().answers.set("shop.example.com", status(410));
    await deliver(event());
    await rig().runFor(0);
    expect(await rig().webhooks.endpoints.get(id, null)).toMatchObject({
      status: "disabled",
      disabledReason: "gone",
    });
    expect(await rows()).toMatchObject([{ status: "failed", attempts: 1, last_status: 410 }]);
    await deliver(event());
    await rig().runFor(5 * DAY);
    expect(rig().received).toHaveLength(1);
  });

  it("an endpoint that fails for five days is disabled then, and not before", async () => {
    const id = await rig().register("shop.example.com");
    rig().answers.set("shop.example.com", status(500));
    await deliver(event());
    await rig().runFor(5 * DAY - 5 * SECOND);
    await deliver(event());
    await rig().runFor(0);
    expect(await rig().webhooks.endpoints.get(id, null)).toMatchObject({
      status: "enabled",
      failingSince: START,
    });
    await rig().runFor(5 * SECOND);
    expect(await rig().webhooks.endpoints.get(id, null)).toMatchObject({
      status: "disabled",
      disabledReason: "failing",
    });
    const sent = rig().received.length;
    await deliver(event());
    await rig().runFor(5 * DAY);
    expect(rig().received).toHaveLength(sent);
    expect((await rows()).map((row) => row.last_error)).toContain("The endpoint is disabled.");
    expect(rig().logLines.join()).toContain("has failed for five days");
  });

  it("an endpoint with one success among its failures stays enabled", async () => {
    const id = await rig().register("shop.example.com");
    rig().answers.set("shop.example.com", status(500));
    await deliver(event());
    await rig().runFor(3 * DAY);
    rig().answers.delete("shop.example.com");
    await deliver(event());
    await rig().runFor(MINUTE);
    expect(await rig().webhooks.endpoints.get(id, null)).toMatchObject({ failingSince: null });
    rig().answers.set("shop.example.com", status(500));
    await deliver(event());
    await rig().runFor(4 * DAY);
    expect(await rig().webhooks.endpoints.get(id, null)).toMatchObject({ status: "enabled" });
  });

  it("the pending deliveries of a deleted endpoint fail", async () => {
    const id = await rig().register("shop.example.com");
    rig().answers.set("shop.example.com", status(500));
    await deliver(event());
    await rig().runFor(0);
    expect(await rig().webhooks.endpoints.delete(id, null)).toBe(true);
    await rig().runFor(DAY);
    expect(rig().received).toHaveLength(1);
    expect(await rows()).toMatchObject([{ status: "failed", last_error: "The endpoint was deleted." }]);
  });

  it.each([
    ["enabled again", { status: "enabled" }],
    ["moved to another address", { url: "https://shop.example.com/new" }],
  ] as const)("an endpoint that is %s has no failures", async (_, changes) => {
    const id = await rig().register("shop.example.com");
    rig().answers.set("shop.example.com", status(500));
    await deliver(event());
    await rig().runFor(0);
    expect(await rig().webhooks.endpoints.get(id, null)).toMatchObject({ failingSince: START });
    expect(await rig().webhooks.endpoints.update(id, null, changes)).toMatchObject({
      status: "enabled",
      disabledReason: null,
      failingSince: null,
    });
  });

  it("an endpoint that is enabled again gets later events", async () => {
    const id = await rig().register("shop.example.com");
    rig().answers.set("shop.example.com", status(410));
    await deliver(event());
    await rig().runFor(0);
    rig().answers.delete("shop.example.com");
    expect(await rig().webhooks.endpoints.update(id, null, { status: "enabled" })).toMatchObject({
      status: "enabled",
      disabledReason: null,
    });
    await deliver(event());
    await rig().runFor(0);
    expect(rig().received).toHaveLength(2);
  });
});

describe("A rotation of a webhook endpoint's secret", () => {
  it("the previous secret signs for 24 hours beside the new one, and then no more", async () => {
    const id = await rig().register("shop.example.com");
    const old = rig().secrets.get("shop.example.com") ?? "";
    const rotated = await rig().webhooks.endpoints.rotate(id, null, Date.now());
    const fresh = rotated?.secret ?? "";
    expect(fresh).not.toBe(old);

    for (const secret of [old, fresh]) {
      rig().secrets.set("shop.example.com", secret);
      await deliver(event());
      await rig().runFor(0);
    }
    await rig().runFor(DAY - SECOND);
    rig().secrets.set("shop.example.com", old);
    await deliver(event());
    await rig().runFor(0);
    expect(rig().received.map(({ signatures }) => signatures)).toEqual([2, 2, 2]);

    await rig().runFor(SECOND);
    await deliver(event());
    await rig().runFor(0);
    expect(rig().received).toHaveLength(3);
    rig().secrets.set("shop.example.com", fresh);
    await rig().runFor(MINUTE);
    expect(rig().received.map(({ signatures }) => signatures)).toEqual([2, 2, 2, 1]);
  });

  it("a second rotation ends the oldest secret at once", async () => {
    const id = await rig().register("shop.example.com");
    for (let times = 0; times < 2; times += 1) await rig().webhooks.endpoints.rotate(id, null, Date.now());
    await deliver(event());
    await rig().runFor(0);
    expect(rig().received).toEqual([]);
    expect(await rows()).toMatchObject([{ status: "pending", last_status: 401 }]);
  });
});
