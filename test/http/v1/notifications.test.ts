import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { readChanges } from "../../../src/channels/whatsapp/webhook.ts";
import { deploy } from "../../../src/deployment.ts";
import type { Event } from "../../../src/events/event.ts";
import { applyChanges } from "../../../src/http/webhooks/whatsapp/apply.ts";
import { Contact } from "../../../src/notifications/contact.ts";
import { bodyOf } from "../../../src/webhook-endpoints/body.ts";
import {
  api,
  control,
  messagesChange,
  messagesTo,
  newNumber,
  useDeployment,
  webhook,
} from "../../deployment.ts";
import {
  DAY,
  notified,
  notify,
  postStatus,
  putTemplate,
  read,
  SECOND,
  useNotificationRig,
  userWrites,
} from "../../notifications/rig.ts";

const deployment = useDeployment();
const { config } = deploy(env);

const phone = (to: string) => messagesTo(deployment, to);
const answer = (to: string, text = "It is on its way.", more: object = {}) =>
  api("POST", "/v1/messages", { to, text, ...more });

/** An inbound webhook with one message, as Meta posts it. */
const inbound = (from: string, message: object) => webhook(inboundBody(from, message));

function inboundBody(from: string, message: object) {
  const one = {
    id: `wamid.in.${from}`,
    from: from.slice(1),
    timestamp: String(Math.floor(Date.now() / 1000)),
  };
  return messagesChange({ messages: [{ ...one, ...message }] });
}

it("a notification goes all the way through the queue to the phone", async () => {
  await putTemplate(deployment);
  const to = newNumber();
  const { status, body } = await notify(to);
  expect([status, body.status]).toEqual([202, "queued"]);
  await vi.waitFor(async () => expect(await phone(to)).toHaveLength(1), { timeout: 10_000, interval: 100 });
});

describe("with queues that the test drives", () => {
  const rig = useNotificationRig(deployment);

  describe("POST /v1/notifications", () => {
    it("answers with the notification, which can be read at once", async () => {
      const { status, body } = await notify(newNumber(), { locale: "en-GB", metadata: { order_id: "A-77" } });
      expect(status).toBe(202);
      expect(body).toMatchObject({
        id: expect.stringMatching(/^ntf_/),
        status: "queued",
        template: "shipping_update",
        language: "en_US",
        metadata: { order_id: "A-77" },
        error: null,
      });
      expect(await read(body.id)).toEqual(body);
    });

    it.each<[string, object, string[]]>([
      ["an unknown template", { template: "nobody_knows" }, ["/template"]],
      ["a template without an approved language", { template: "paused" }, ["/template"]],
      ["a template for codes", { template: "verification_code", parameters: {} }, ["/template"]],
      [
        "a missing and an unknown parameter",
        { parameters: { name: "Ana", x: "1" } },
        ["/parameters/order", "/parameters/x"],
      ],
      [
        "a parameter that is too long",
        { parameters: { name: "Ana", order: "x".repeat(2000) } },
        ["/parameters/order"],
      ],
      ["a parameter that is no string", { parameters: { name: "Ana", order: 5 } }, ["/parameters/order"]],
      ["a field nobody knows", { text: "hello" }, ["/text"]],
      ["a locale that is none", { locale: "not a tag!" }, ["/locale"]],
      ["no template", { template: undefined }, ["/template"]],
    ])("refuses %s and sends nothing", async (_, more, pointers) => {
      const paused = { name: "paused", category: "utility", languages: { en_US: { status: "PAUSED" } } };
      await env.TEMPLATES.put("template/paused", JSON.stringify(paused));
      const { status, body } = await notify(newNumber(), more);
      expect([status, body.code]).toEqual([400, "invalid_request"]);
      expect(body.errors.map(({ pointer }: { pointer: string }) => pointer).toSorted()).toEqual(pointers);
      expect(body.errors.every(({ detail }: { detail: string }) => detail.length > 10)).toBe(true);
      expect(rig().jobs).toHaveLength(0);
    });

    it("answers 429 when too many notifications wait for one number", async () => {
      const to = newNumber();
      for (let number = 0; number < 20; number += 1) expect((await notify(to)).status).toBe(202);
      const { status, body, headers } = await notify(to);
      expect([status, body.code]).toEqual([429, "send_limit_reached"]);
      expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
    });
  });

  describe("GET /v1/notifications/{id}", () => {
    it.each(["ntf_00000000000000000000000000", "vrf_00000000000000000000000000", "nonsense"])(
      "does not find %s",
      async (id) => {
        expect(await api("GET", `/v1/notifications/${id}`)).toMatchObject({ status: 404 });
      },
    );
  });

  it("notification events contain the full number only for webhook endpoints, and otherwise the API's body", async () => {
    const to = newNumber();
    const id = await notified(to);
    await rig().work();
    await postStatus(id, "delivered");
    const [event] = await vi.waitFor(() => {
      if (rig().events.length === 0) throw new Error("No event yet");
      return rig().events;
    });
    expect(JSON.stringify(event)).not.toContain(to.slice(1));
    const { type, data } = JSON.parse(bodyOf(event as Event, config.keyring));
    expect(type).toBe("notification.delivered");
    expect(data).toEqual({ ...(await read(id)), provider_message_id: null });
  });

  describe("POST /v1/messages", () => {
    it("sends a text at once inside the window", async () => {
      const to = newNumber();
      await userWrites(deployment, to, "Where is my order?");
      const { status, body } = await answer(to, "It is on its way.", { metadata: { ticket: "7" } });
      expect(status).toBe(202);
      const [message] = await phone(to);
      expect(message).toMatchObject({ text: "It is on its way.", callback_data: body.id });
      expect(body).toMatchObject({
        status: "queued",
        template: null,
        language: null,
        metadata: { ticket: "7" },
        provider_message_id: message?.id,
      });
      await control(deployment, "POST", `/messages/${message?.id}/status`, { status: "read" });
      expect(await read(body.id)).toMatchObject({ status: "read" });
      expect(rig().jobs).toHaveLength(0);
    });

    it("is rejected when the window is closed, with the time it closed", async () => {
      vi.useFakeTimers({ now: Date.UTC(2026, 10, 24, 10), toFake: ["Date"] });
      const to = newNumber();
      await userWrites(deployment, to, "Hello?");
      vi.setSystemTime(Date.now() + DAY);
      const { status, body } = await answer(to);
      expect([status, body.code]).toEqual([409, "window_closed"]);
      expect(body.detail).toContain("2026-11-25T10:00:00.000Z");
      vi.setSystemTime(Date.now() + 7 * DAY);
      expect((await answer(to)).body.detail).toContain("not written");
      expect(await phone(to)).toHaveLength(0);
      expect(rig().events.filter(({ kind }) => kind === "notification")).toEqual([]);
    });

    it("is rejected for a user who never wrote, without a call to WhatsApp", async () => {
      const { status, body } = await answer(newNumber());
      expect([status, body.code]).toEqual([409, "window_closed"]);
      expect(deployment.graphCalls).toHaveLength(0);
    });

    it("is rejected when WhatsApp says that the window is closed", async () => {
      const to = newNumber();
      await userWrites(deployment, to, "Hello?");
      await control(deployment, "PUT", "/behaviour", { fail_next: [{ http_status: 400, code: 131047 }] });
      expect(await answer(to)).toMatchObject({ status: 409, body: { code: "window_closed" } });
    });

    it.each([
      [131026, 502, "channel_failed"],
      [131056, 503, "channel_unavailable"],
    ])("tells what WhatsApp refused with %i, and does not try again", async (code, status, problem) => {
      const to = newNumber();
      await userWrites(deployment, to, "Hello?");
      await control(deployment, "PUT", "/behaviour", { fail_next: [{ http_status: 400, code }] });
      expect(await answer(to)).toMatchObject({
        status,
        body: { code: problem, provider: { code: String(code) } },
      });
      expect(rig().eventTypes).toEqual(["notification.failed"]);
    });

    it("is not sent after STOP, until the user has written again", async () => {
      vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
      const to = newNumber();
      await userWrites(deployment, to, "STOP");
      expect((await answer(to)).body).toMatchObject({ status: "failed", error: { code: "opted_out" } });
      expect(await phone(to)).toHaveLength(0);
      vi.setSystemTime(Date.now() + SECOND);
      await userWrites(deployment, to, "One more question");
      expect((await answer(to)).body).toMatchObject({ status: "queued", error: null });
    });

    it.each([
      ["an empty text", ""],
      ["a text that is too long", "x".repeat(4097)],
    ])("refuses %s", async (_, text) => {
      expect(await answer(newNumber(), text)).toMatchObject({
        status: 400,
        body: { errors: [{ pointer: "/text" }] },
      });
    });
  });
});

describe("a message from a user", () => {
  const rig = useNotificationRig(deployment);
  const FIRST_REPLY = "Thanks! We will be with you soon.";
  /** A Worker that is configured to answer. */
  const replying = deploy(Object.assign({}, env, { CONVERSATION: { first_reply: FIRST_REPLY } }));

  /** Meta's webhook to it, without the door. */
  async function write(from: string, id: string, message: object, at = Date.now()) {
    const changes = readChanges(
      inboundBody(from, { id, timestamp: String(Math.floor(at / 1000)), ...message }),
    );
    const { keyring } = replying.config;
    await Promise.all(applyChanges(changes, new Set(), { ...replying, keyring }));
  }
  const text = (body: string) => ({ type: "text", text: { body } });

  it("is published as an event with the end of the window", async () => {
    const url = "https://shop.example.com/hooks";
    await api("POST", "/v1/webhook-endpoints", { url, event_types: ["message.received"] });
    const announced = vi.spyOn(env.EVENTS, "sendBatch").mockResolvedValue({} as QueueSendBatchResponse);
    vi.useFakeTimers({ now: Date.UTC(2026, 10, 24, 10), toFake: ["Date"] });
    await userWrites(deployment, newNumber(), "Hello?");
    await inbound(newNumber(), { type: "system", system: { type: "user_changed_number" } });
    const events = announced.mock.calls.flatMap(([messages]) =>
      [...messages].map(({ body }) => body as Event),
    );
    const ends = events.flatMap((event) => (event.kind === "notice" ? [event.data.window_ends_at] : []));
    expect(ends).toEqual(["2026-11-25T10:00:00.000Z", null]);
  });

  it("is durable before the webhook is acknowledged", async () => {
    const broken = vi.spyOn(Contact.prototype, "received").mockImplementationOnce(() => {
      throw new Error("the disk is gone");
    });
    const to = newNumber();
    expect((await inbound(to, { type: "text", text: { body: "STOP" } })).status).toBe(500);
    broken.mockRestore();
    expect((await inbound(to, { type: "text", text: { body: "STOP" } })).status).toBe(200);
    expect((await notify(to)).body).toMatchObject({ error: { code: "opted_out" } });
  });

  it("opts out by a tap on a button that says STOP", async () => {
    const to = newNumber();
    await inbound(to, { type: "button", button: { payload: "Stop", text: "Stop" } });
    expect((await notify(to)).body).toMatchObject({ error: { code: "opted_out" } });
  });

  it("is answered automatically once per window, and not again for a repeated webhook", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const from = newNumber();
    for (let time = 0; time < 3; time += 1) await write(from, "wamid.1", text("Hello?"));
    vi.setSystemTime(Date.now() + SECOND);
    await write(from, "wamid.2", text("Anybody there?"));
    await vi.waitFor(() => expect(rig().jobs).toHaveLength(1));
    expect(JSON.stringify(rig().jobs)).not.toContain("Thanks");

    const sent: unknown[] = [];
    vi.mocked(fetch).mockImplementation(async (_, init) => {
      sent.push(JSON.parse(String(init?.body)));
      return Response.json({ messages: [{ id: "wamid.out" }] });
    });
    expect(await rig().work()).toEqual([{ kind: "sent" }]);
    expect(sent).toMatchObject([{ to: from, type: "text", text: { body: FIRST_REPLY } }]);

    vi.setSystemTime(Date.now() + DAY);
    await write(from, "wamid.1", text("Hello?"), Date.now() - DAY - SECOND);
    await write(from, "wamid.3", text("Hello again"));
    await vi.waitFor(() => expect(rig().jobs).toHaveLength(1));
  });

  it.each<[string, object]>([
    ["STOP", text("STOP")],
    [
      "that no code was asked for",
      { type: "button", button: { payload: "DID_NOT_REQUEST_CODE", text: "x" } },
    ],
    ["a new number", { type: "system", system: { type: "user_changed_number" } }],
  ])("is not answered automatically when it is %s", async (_, message) => {
    await write(newNumber(), "wamid.1", message);
    await new Promise((resume) => setTimeout(resume, 50));
    expect(rig().jobs).toHaveLength(0);
  });
});
