import { describe, expect, it } from "vitest";
import { authenticationSend, createRig, SETTINGS } from "./rig.ts";

const send = authenticationSend();

describe("the behaviour", () => {
  it("keeps what a change does not name", async () => {
    const rig = createRig();
    await rig.control("PUT", "/behaviour", { delivery: "manual" });
    await rig.control("PUT", "/behaviour", { latency_ms: 1 });
    expect(await (await rig.control("GET", "/behaviour")).json()).toEqual({
      delivery: "manual",
      latency_ms: 1,
      fail_next: [],
      hang_next: 0,
    });
    expect((await rig.send(send)).status).toBe(200);
  });

  it("manual: nothing follows a send by itself", async () => {
    const rig = createRig();
    await rig.control("PUT", "/behaviour", { delivery: "manual" });
    await rig.sent();
    await rig.simulator.settled();
    expect(rig.received).toEqual([]);
  });

  it("fail_next: each entry answers one send, in order, and no message is there", async () => {
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

  it("hang_next: the send is held until its client gives up, and no message is there", async () => {
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
});
