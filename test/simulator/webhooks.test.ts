import { createHmac } from "node:crypto";
import { afterEach, describe, expect, it, vi } from "vitest";
import { BUSINESS } from "./business.ts";
import { authenticationSend, createRig, NOW, type ReceivedWebhook, SETTINGS } from "./rig.ts";

const TIMESTAMP = String(Math.floor(NOW / 1000));
const USER_ID = expect.stringMatching(/^[A-Z]{2}\.\d+$/);

/** The `value` of a webhook that has one change. */
function value(webhook: ReceivedWebhook | undefined) {
  return JSON.parse(webhook?.body ?? "null").entry[0].changes[0].value;
}

function statuses(received: ReceivedWebhook[]): string[] {
  return received.map((webhook) => value(webhook).statuses[0].status);
}

describe("webhooks", () => {
  afterEach(() => void vi.useRealTimers());

  it("are signed over their raw body with the app secret", async () => {
    const rig = createRig();
    await rig.sent();
    await rig.simulator.settled();
    expect(rig.received).toHaveLength(2);
    for (const { signature, body } of rig.received) {
      const hmac = createHmac("sha256", SETTINGS.appSecret).update(body).digest("hex");
      expect(signature).toBe(`sha256=${hmac}`);
    }
  });

  it("report sent, then delivered, after a send", async () => {
    const rig = createRig();
    const id = await rig.sent({ ...authenticationSend(), biz_opaque_callback_data: "vrf_1" });
    await rig.simulator.settled();
    expect(statuses(rig.received)).toEqual(["sent", "delivered"]);
    expect(JSON.parse(rig.received[1]?.body ?? "")).toEqual({
      object: "whatsapp_business_account",
      entry: [
        {
          id: SETTINGS.businessAccountId,
          changes: [
            {
              field: "messages",
              value: {
                messaging_product: "whatsapp",
                metadata: {
                  display_phone_number: BUSINESS.number,
                  phone_number_id: SETTINGS.phoneNumberId,
                },
                contacts: [
                  { profile: { name: expect.any(String) }, wa_id: "6281234567890", user_id: USER_ID },
                ],
                statuses: [
                  {
                    id,
                    status: "delivered",
                    timestamp: TIMESTAMP,
                    recipient_id: "6281234567890",
                    recipient_user_id: USER_ID,
                    biz_opaque_callback_data: "vrf_1",
                    pricing: {
                      billable: true,
                      pricing_model: "PMP",
                      type: "regular",
                      category: "authentication",
                    },
                  },
                ],
              },
            },
          ],
        },
      ],
    });
  });

  it("omit the callback data when the send had none", async () => {
    const rig = createRig();
    await rig.sent();
    await rig.simulator.settled();
    expect(value(rig.received[0]).statuses[0]).not.toHaveProperty("biz_opaque_callback_data");
  });

  it("report only a failure for a number that is not on WhatsApp after the accepted send", async () => {
    const rig = createRig();
    await rig.control("PUT", "/numbers/+6281234567890", { on_whatsapp: false });
    const id = await rig.sent();
    await rig.simulator.settled();
    expect(rig.received).toHaveLength(1);
    const { contacts, statuses } = value(rig.received[0]);
    expect(contacts).toBeUndefined();
    expect(statuses).toEqual([
      {
        id,
        status: "failed",
        timestamp: TIMESTAMP,
        recipient_id: "6281234567890",
        errors: [
          {
            code: 131026,
            title: "Message undeliverable",
            message: "Message undeliverable",
            error_data: { details: "Message undeliverable" },
            href: expect.stringMatching(/^https:/),
          },
        ],
      },
    ]);
    const { messages } = await (await rig.control("GET", "/messages")).json();
    expect(messages[0]).toMatchObject({ status: "failed", error: { code: 131026 } });
  });

  it("are posted again until the response is 200", async () => {
    const rig = createRig();
    rig.answers.push(500);
    await rig.sent();
    await rig.simulator.settled();
    expect(statuses(rig.received).toSorted()).toEqual(["delivered", "sent", "sent"]);
    const bodies = rig.received.map(({ body }) => body).filter((body) => body.includes('"status":"sent"'));
    expect(bodies[1]).toBe(bodies[0]);
  });

  it("reach a receiver after minutes of downtime, each once and with limited concurrency", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const posted = new Set<string>();
    const taken: string[] = [];
    let isAway = true;
    let [underWay, mostUnderWay] = [0, 0];
    const rig = createRig({
      deliver: async (request) => {
        const body = await request.text();
        posted.add(body);
        if (isAway) throw new TypeError("connection refused");
        underWay += 1;
        mostUnderWay = Math.max(mostUnderWay, underWay);
        await new Promise((resolve) => setTimeout(resolve, 5));
        underWay -= 1;
        taken.push(body);
        return new Response();
      },
    });
    const writes = { from: "+6281234567890", text: "hello" };
    expect(await (await rig.control("POST", "/inbound", writes)).json()).toEqual({ webhook_status: null });
    await rig.control("POST", "/templates/verification_code/status", { status: "PAUSED", language: "id" });
    for (let sent = 0; sent < 50; sent += 1) await rig.sent();
    while (posted.size < 102) {
      await vi.advanceTimersByTimeAsync(10);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await vi.advanceTimersByTimeAsync(5 * 60_000);
    isAway = false;
    await vi.advanceTimersByTimeAsync(11_000);
    expect(taken).toHaveLength(102);
    expect(new Set(taken).size).toBe(102);
    expect(mostUnderWay).toBe(20);
    await rig.simulator.settled();
  });

  it("are posted once for a control call while delivery is manual", async () => {
    const rig = createRig();
    await rig.control("PUT", "/behaviour", { delivery: "manual" });
    rig.answers.push(500);
    await rig.control("POST", "/inbound", { from: "+6281234567890", text: "hello" });
    await rig.simulator.settled();
    expect(rig.received).toHaveLength(1);
  });

  it("are dropped when the simulator closes", async () => {
    const rig = createRig({ deliver: () => Promise.reject(new Error("connection refused")) });
    await rig.sent();
    rig.simulator.close();
    await rig.simulator.settled();
    const { messages } = await (await rig.control("GET", "/messages")).json();
    expect(messages[0].status).toBe("accepted");
  });
});
