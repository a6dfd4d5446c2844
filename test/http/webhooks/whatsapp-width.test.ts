import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import type { NoticeEvent } from "../../../src/channels/channel.ts";
import { Keyring } from "../../../src/platform/keyring.ts";
import { bodyOf } from "../../../src/webhook-endpoints/body.ts";
import {
  api,
  change,
  check,
  control,
  messagesChange,
  messagesTo,
  newNumber,
  start,
  statuses,
  useDeployment,
  webhook,
} from "../../deployment.ts";

const deployment = useDeployment();

/** Registers an endpoint for the types, and answers what then goes to the queue. */
async function subscribe(...types: string[]): Promise<NoticeEvent[]> {
  const events: NoticeEvent[] = [];
  const url = "https://hooks.example.com/sandi";
  expect((await api("POST", "/v1/webhook-endpoints", { url, event_types: types })).status).toBe(201);
  vi.spyOn(env.EVENTS, "sendBatch").mockImplementation(async (messages) => {
    for (const { body } of messages) events.push(body as NoticeEvent);
    return {} as QueueSendBatchResponse;
  });
  return events;
}

describe('the tap on "I didn\'t request a code"', () => {
  it("fails the verification of its message, whose code is then rejected", async () => {
    const to = newNumber();
    const [first, second] = [await start({ to }), await start({ to, purpose: "signup" })];
    const wamid = first.body.messages[0].provider_message_id;
    await webhook(
      statuses({
        id: wamid,
        status: "sent",
        timestamp: "1",
        biz_opaque_callback_data: `${first.body.id}.0`,
      }),
    );
    const tap = { from: to, button_payload: "DID_NOT_REQUEST_CODE", context_id: wamid };
    expect(await (await control(deployment, "POST", "/inbound", tap)).json()).toEqual({
      webhook_status: 200,
    });

    const [, message] = await messagesTo(deployment, to);
    expect((await check(first.body.id, message?.code ?? "")).body).toMatchObject({
      valid: false,
      status: "failed",
      reason: "denied_by_user",
    });
    expect((await api("GET", `/v1/verifications/${second.body.id}`)).body.status).toBe("pending");
  });
});

describe("an inbound message or a notice", () => {
  it("an inbound message is published as an event with its numbers and its text sealed, and delivered with both", async () => {
    const events = await subscribe("message.received");
    const from = newNumber();
    await control(deployment, "POST", "/inbound", { from, text: "hello" });
    expect(events).toMatchObject([{ type: "message.received", data: { text: null, type: "text" } }]);
    expect(JSON.stringify(events)).not.toContain(from.slice(1));
    expect(JSON.stringify(events)).not.toContain("hello");
    expect(Object.keys(events[0]?.sealed ?? {}).toSorted()).toEqual(["from", "message_id", "text"]);
    const [event] = events;
    if (event === undefined) throw new Error("Nothing was published");
    const { data } = JSON.parse(bodyOf(event, new Keyring(env.SECRET_KEY)));
    expect(data).toMatchObject({ from, text: "hello", message_id: expect.stringMatching(/^wamid\./) });
  });

  it("the payload of a button that a user tapped is sealed in its event", async () => {
    const events = await subscribe("message.received");
    const button = { payload: "my secret wish", text: "Yes" };
    const message = { id: "wamid.2", from: "6281234567890", timestamp: "1", type: "button", button };
    await webhook(messagesChange({ messages: [message] }));
    expect(JSON.stringify(events)).not.toContain("my secret wish");
    expect(Object.keys(events[0]?.sealed ?? {})).toContain("button_payload");
  });

  it("is published when a user changes their number", async () => {
    const events = await subscribe("message.received");
    const system = { type: "user_changed_number", wa_id: "6281234567899" };
    const message = { id: "wamid.1", from: "6281234567890", timestamp: "1", type: "system", system };
    await webhook(messagesChange({ messages: [message] }));
    expect(events[0]?.data.system).toEqual({ type: "user_changed_number", new_number: "+62*********99" });
  });

  it.each([
    ["message_template_status_update", "template.updated"],
    ["message_template_quality_update", "template.updated"],
    ["template_category_update", "template.updated"],
    ["phone_number_quality_update", "sender.updated"],
    ["phone_number_name_update", "sender.updated"],
    ["security", "sender.updated"],
    ["business_capability_update", "sender.updated"],
    ["account_alerts", "sender.updated"],
    ["account_update", "sender.updated"],
  ])("%s is told as %s, under the same id each time it comes", async (field, type) => {
    const events = await subscribe(type);
    const body = change(field, { event: "FLAGGED" });
    for (let time = 0; time < 2; time += 1) expect((await webhook(body)).status).toBe(200);
    expect(events).toMatchObject([
      { type, data: { field, event: "FLAGGED" } },
      { type, data: { field } },
    ]);
    expect(new Set(events.map(({ id }) => id)).size).toBe(1);
  });

  it.each([
    ["short", "hello"],
    ["long", "ü".repeat(4096)],
  ])("reaches the queue whole: 250 %s messages in one call", async (_, text) => {
    await subscribeTo("message.received");
    const batches: NoticeEvent[][] = [];
    vi.spyOn(env.EVENTS, "sendBatch").mockImplementation(async (messages) => {
      batches.push([...messages].map(({ body }) => body as NoticeEvent));
      return {} as QueueSendBatchResponse;
    });
    const messages = Array.from({ length: 250 }, (_, at) => ({
      id: `wamid.${at}`,
      from: "6281234567890",
      timestamp: "1",
      type: "text",
      text: { body: text },
    }));
    expect((await webhook(messagesChange({ messages }))).status).toBe(200);
    expect(new Set(batches.flat().map(({ id }) => id)).size).toBe(250);
    for (const batch of batches) {
      expect(batch.length).toBeLessThanOrEqual(100);
      expect(new TextEncoder().encode(JSON.stringify(batch)).length).toBeLessThanOrEqual(256_000);
    }
  });

  it("is rejected when it nests too deep, not counting brackets in texts", async () => {
    await subscribeTo("sender.updated");
    const deep = JSON.parse("[".repeat(1_000) + "]".repeat(1_000));
    expect((await webhook(change("account_alerts", { deep }))).status).toBe(400);
    expect((await webhook(change("account_alerts", { text: '[\\"{'.repeat(1_000) }))).status).toBe(200);
  });

  it("is answered with 500 when the queue refuses its event, and is not queued without a subscriber", async () => {
    const body = change("account_alerts", { entity_type: "WABA" });
    const unwanted = vi.spyOn(env.EVENTS, "sendBatch").mockRejectedValue(new Error("the queue is down"));
    await subscribeTo("message.received");
    expect((await webhook(body)).status).toBe(200);
    expect(unwanted).not.toHaveBeenCalled();
    await subscribeTo("sender.updated");
    expect((await webhook(body)).status).toBe(500);
  });
});

async function subscribeTo(type: string): Promise<void> {
  await api("POST", "/v1/webhook-endpoints", { url: "https://hooks.example.com/sandi", event_types: [type] });
}
