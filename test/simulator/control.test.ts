import { describe, expect, it } from "vitest";
import { BUSINESS } from "./business.ts";
import { authenticationSend, createRig, NOW, type Rig, SETTINGS } from "./rig.ts";

async function manualRig(): Promise<Rig> {
  const rig = createRig();
  await rig.control("PUT", "/behaviour", { delivery: "manual" });
  return rig;
}

async function messages(rig: Rig, query = "") {
  const response = await rig.control("GET", `/messages${query}`);
  const answer: { messages: { id: string; to: string; status: string }[] } = await response.json();
  return answer.messages;
}

describe("GET /_sim/messages", () => {
  it("lists messages, newest first", async () => {
    const rig = await manualRig();
    const first = await rig.sent();
    const second = await rig.sent();
    expect((await messages(rig)).map(({ id }) => id)).toEqual([second, first]);
  });

  it.each(["6281234567890", "+6281234567890", "%2B6281234567890"])("finds a number as %s", async (to) => {
    const rig = await manualRig();
    const id = await rig.sent();
    await rig.sent(authenticationSend({ to: "+14155550123" }));
    expect((await messages(rig, `?to=${to}`)).map((message) => message.id)).toEqual([id]);
  });
});

describe("POST /_sim/messages/{id}/status", () => {
  it.each(["sent", "delivered", "read"])("reports %s and tells what the webhook answered", async (status) => {
    const rig = await manualRig();
    const id = await rig.sent();
    rig.answers.push(503);
    const response = await rig.control("POST", `/messages/${id}/status`, { status });
    expect(await response.json()).toEqual({ webhook_status: 503 });
    const [change] = JSON.parse(rig.received[0]?.body ?? "").entry[0].changes;
    expect(change.value.statuses).toEqual([expect.objectContaining({ id, status })]);
    expect(rig.received).toHaveLength(1);
    expect(await messages(rig)).toMatchObject([{ status }]);
  });

  it("reports failed with the requested error code and its title", async () => {
    const rig = await manualRig();
    const id = await rig.sent();
    await rig.control("POST", `/messages/${id}/status`, { status: "failed", error_code: 130472 });
    const [change] = JSON.parse(rig.received[0]?.body ?? "").entry[0].changes;
    expect(change.value.statuses[0].errors).toMatchObject([
      { code: 130472, title: "User's number is part of an experiment" },
    ]);
  });

  it("reports statuses in any order and repeatedly, while the phone keeps the furthest", async () => {
    const rig = await manualRig();
    const id = await rig.sent();
    for (const status of ["read", "delivered", "sent", "sent"]) {
      await rig.control("POST", `/messages/${id}/status`, { status });
    }
    expect(rig.received).toHaveLength(4);
    expect(await messages(rig)).toMatchObject([{ status: "read" }]);
  });

  it("returns null when the webhook gets no response", async () => {
    const rig = createRig({ deliver: () => Promise.reject(new Error("refused")) });
    await rig.control("PUT", "/behaviour", { delivery: "manual" });
    const response = await rig.control("POST", `/messages/${await rig.sent()}/status`, { status: "sent" });
    expect(await response.json()).toEqual({ webhook_status: null });
  });
});

describe("POST /_sim/inbound", () => {
  it("posts the user's text as a webhook", async () => {
    const rig = createRig();
    const response = await rig.control("POST", "/inbound", { from: "+6281234567890", text: "hello" });
    expect(await response.json()).toEqual({ webhook_status: 200 });
    const [change] = JSON.parse(rig.received[0]?.body ?? "").entry[0].changes;
    expect(change.field).toBe("messages");
    expect(change.value).toMatchObject({
      metadata: { phone_number_id: SETTINGS.phoneNumberId },
      contacts: [{ wa_id: "6281234567890" }],
      messages: [
        {
          from: "6281234567890",
          id: expect.stringMatching(/^wamid\./),
          type: "text",
          text: { body: "hello" },
        },
      ],
    });
  });

  it("posts the tapped button with its message as a webhook", async () => {
    const rig = createRig();
    const tap = { from: "6281234567890", button_payload: "DID_NOT_REQUEST_CODE", context_id: "wamid.1" };
    await rig.control("POST", "/inbound", tap);
    const [change] = JSON.parse(rig.received[0]?.body ?? "").entry[0].changes;
    expect(change.value.messages).toMatchObject([
      {
        type: "button",
        button: { payload: "DID_NOT_REQUEST_CODE" },
        context: { from: BUSINESS.number, id: "wamid.1" },
      },
    ]);
  });
});

describe("GET /_sim/inbound", () => {
  it("lists messages of users, newest first, apart from received messages", async () => {
    const rig = await manualRig();
    const say = (from: string, text: string) => rig.control("POST", "/inbound", { from, text });
    await say("+6281234567890", "first");
    await say("+14155550123", "other");
    await say("+6281234567890", "second");
    const inbound = async (query = "") => (await rig.control("GET", `/inbound${query}`)).json();
    expect(await inbound("?from=6281234567890")).toEqual({
      inbound: ["second", "first"].map((text) => ({
        id: expect.stringMatching(/^wamid\./),
        from: "+6281234567890",
        text,
        button_payload: null,
        context_id: null,
        created_at: new Date(NOW).toISOString(),
      })),
    });
    expect((await inbound()).inbound).toHaveLength(3);
    expect(await messages(rig)).toEqual([]);
  });
});

describe("DELETE /_sim", () => {
  it("resets messages, replies, behaviour, unreachable numbers and templates", async () => {
    const rig = await manualRig();
    await rig.sent();
    await rig.control("POST", "/inbound", { from: "+6281234567890", text: "hello" });
    await rig.control("POST", "/templates/verification_code/status", { status: "PAUSED" });
    await rig.control("PUT", "/numbers/6281234567890", { on_whatsapp: false });
    await rig.control("PUT", "/behaviour", { fail_next: [{ http_status: 500, code: 131000 }] });
    expect((await rig.control("DELETE", "")).status).toBe(204);
    expect(await messages(rig)).toEqual([]);
    expect(await (await rig.control("GET", "/inbound")).json()).toEqual({ inbound: [] });
    await rig.sent();
    await rig.simulator.settled();
    expect(await messages(rig)).toMatchObject([{ status: "delivered" }]);
  });
});

describe("bad control input", () => {
  it.each([
    ["GET", "/messages?to=nobody", undefined],
    ["GET", "/inbound?from=nobody", undefined],
    ["PUT", "/behaviour", { review: "never" }],
    ["PUT", "/behaviour", { messages_per_second: 0 }],
    ["POST", "/inbound", {}],
    ["POST", "/inbound", { from: "x", text: "hello" }],
    ["POST", "/inbound", { from: "+6281234567890", text: "hello", button_payload: "x" }],
    ["PUT", "/behaviour", { delivery: "never" }],
    ["PUT", "/behaviour", { latency: 5 }],
    ["PUT", "/behaviour", { latency_ms: -1 }],
    ["PUT", "/behaviour", { fail_next: [{ http_status: 200, code: 1 }] }],
    ["PUT", "/numbers/12", { on_whatsapp: true }],
    ["PUT", "/numbers/6281234567890", {}],
    ["PUT", "/behaviour", undefined],
  ])("%s %s %j gets 400 and a reason", async (method, path, body) => {
    const response = await createRig().control(method, path, body);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ error: expect.stringMatching(/./) });
  });

  it.each([
    { status: "accepted" },
    { status: "read", error_code: 131026 },
    { status: "failed", error_code: "x" },
  ])("a status of %j gets 400", async (body) => {
    const rig = await manualRig();
    const id = await rig.sent();
    expect((await rig.control("POST", `/messages/${id}/status`, body)).status).toBe(400);
    expect(rig.received).toEqual([]);
  });

  it("an unknown message gets 404", async () => {
    const response = await createRig().control("POST", "/messages/wamid.0/status", { status: "read" });
    expect(response.status).toBe(404);
  });

  it("an unknown call gets 404", async () => {
    expect((await createRig().control("GET", "/nothing")).status).toBe(404);
  });
});
