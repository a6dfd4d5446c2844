import { describe, expect, it } from "vitest";
import {
  authenticationSend,
  createRig,
  NOW,
  type Rig,
  SETTINGS,
  SHIPPING_UPDATE,
  shippingSend,
} from "./rig.ts";

const send = authenticationSend();

describe("the behaviour", () => {
  it("keeps the settings that a change leaves out", async () => {
    const rig = createRig();
    await rig.control("PUT", "/behaviour", { delivery: "manual" });
    await rig.control("PUT", "/behaviour", { latency_ms: 1 });
    expect(await (await rig.control("GET", "/behaviour")).json()).toEqual({
      delivery: "manual",
      review: "auto",
      latency_ms: 1,
      fail_next: [],
      hang_next: 0,
      messages_per_second: null,
      management: "work",
      register_latency_ms: 0,
    });
    expect((await rig.send(send)).status).toBe(200);
  });

  it("manual: no webhook follows a send", async () => {
    const rig = createRig();
    await rig.control("PUT", "/behaviour", { delivery: "manual" });
    await rig.sent();
    await rig.simulator.settled();
    expect(rig.received).toEqual([]);
  });

  it("fail_next: each entry fails a send, in order, and no message arrives", async () => {
    const rig = createRig();
    await rig.control("PUT", "/behaviour", {
      fail_next: [
        { http_status: 503, code: 2 },
        { http_status: 400, code: 130429 },
      ],
    });
    const first = await rig.send(send);
    expect(first.status).toBe(503);
    expect(await first.json()).toEqual({
      error: {
        message: "(#2) Service temporarily unavailable",
        type: "OAuthException",
        code: 2,
        is_transient: true,
        fbtrace_id: expect.any(String),
      },
    });
    const second = await rig.send(send);
    expect(second.status).toBe(400);
    expect(await second.json()).toMatchObject({
      error: {
        message: "(#130429) Rate limit hit",
        code: 130429,
        error_data: { messaging_product: "whatsapp", details: expect.any(String) },
      },
    });
    expect(await (await rig.control("GET", "/messages")).json()).toEqual({ messages: [] });
    expect((await rig.send(send)).status).toBe(200);
  });

  it("hang_next: a send gets no response until its client disconnects, and no message arrives", async () => {
    const rig = createRig();
    await rig.control("PUT", "/behaviour", { hang_next: 1 });
    const client = new AbortController();
    const path = `/v26.0/${SETTINGS.phoneNumberId}/messages`;
    const held = rig.graph("POST", path, send, client.signal);
    let answered = false;
    const answer = held.then(() => {
      answered = true;
    });
    expect((await rig.send(send)).status).toBe(200);
    expect(answered).toBe(false);
    client.abort();
    await answer;
    const { messages } = await (await rig.control("GET", "/messages")).json();
    expect(messages).toHaveLength(1);
  });

  it("messages_per_second: sends above the rate within a second get 130429", async () => {
    let now = NOW;
    const rig = createRig({ now: () => now });
    await rig.control("PUT", "/behaviour", { delivery: "manual", messages_per_second: 2 });
    const statuses: number[] = [];
    for (const step of [0, 500, 0, 499, 1, 0, 500]) {
      now += step;
      statuses.push((await rig.send(send)).status);
    }
    expect(statuses).toEqual([200, 200, 400, 400, 200, 400, 200]);
    expect(await (await rig.send(send)).json()).toMatchObject({ error: { code: 130429 } });
    await rig.control("PUT", "/behaviour", { messages_per_second: null });
    expect((await rig.send(send)).status).toBe(200);
  });
});

describe("GET /_sim/rate", () => {
  const rate = async (rig: Rig, query = "") => (await rig.control("GET", `/rate${query}`)).json();

  it("returns the peak rate, the recipients and the repeated recipients", async () => {
    let now = NOW;
    const rig = createRig({ now: () => now });
    await rig.control("PUT", "/behaviour", { delivery: "manual" });
    await rig.graph("POST", `/v26.0/${SETTINGS.businessAccountId}/message_templates`, SHIPPING_UPDATE);
    for (const [step, to] of [
      [0, "+6281234567890"],
      [400, "+6281234567891"],
      [599, "+6281234567890"],
      [1, "+6281234567892"],
      [5_000, "+6281234567893"],
    ] as const) {
      now += step;
      await rig.sent(authenticationSend({ to }));
    }
    await rig.sent(shippingSend({ to: "+6281234567893" }));
    expect(await rate(rig)).toEqual({
      accepted: 6,
      max_per_second: 3,
      recipients: 4,
      recipients_repeated: 2,
    });
    expect(await rate(rig, "?template=verification_code")).toEqual({
      accepted: 5,
      max_per_second: 3,
      recipients: 4,
      recipients_repeated: 1,
    });
    expect(await rate(rig, "?template=shipping_update")).toMatchObject({ accepted: 1, max_per_second: 1 });
  });

  it("counts no refused sends, and is reset by DELETE /_sim", async () => {
    const rig = createRig();
    await rig.control("PUT", "/behaviour", { fail_next: [{ http_status: 500, code: 131000 }] });
    await rig.send(send);
    await rig.send(authenticationSend({ name: "nothing" }));
    const none = { accepted: 0, max_per_second: 0, recipients: 0, recipients_repeated: 0 };
    expect(await rate(rig)).toEqual(none);
    await rig.sent();
    await rig.control("DELETE", "");
    expect(await rate(rig)).toEqual(none);
  });
});
