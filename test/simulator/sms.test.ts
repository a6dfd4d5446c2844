import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createRig, NOW, type Rig } from "./rig.ts";
import type { SimulatorOptions } from "./simulator.ts";
import { codeIn } from "./sms/code.ts";
import { DEFAULT_SMS_SECRET } from "./sms/options.ts";

const SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
const SIGNATURE_SECRET = "a signature secret";
const CALLBACK_URL = "http://sandi.test/webhooks/sms";
const ACCOUNT = `AC${"0123456789abcdef".repeat(2)}`;
const TEXT = "482913 is your Example code.\n@example.com #482913";
const SECONDS = Math.floor(NOW / 1000);

interface Callback {
  url: string;
  headers: Headers;
  body: string;
}

interface SmsRig extends Rig {
  callbacks: Callback[];
}

function smsRig(options: Partial<SimulatorOptions> = {}): SmsRig {
  const callbacks: Callback[] = [];
  const answers: number[] = [];
  const rig = createRig({
    sms: { callbackUrl: CALLBACK_URL, secret: SECRET, signatureSecret: SIGNATURE_SECRET },
    deliver: async (request) => {
      callbacks.push({ url: request.url, headers: request.headers, body: await request.text() });
      return new Response(null, { status: answers.shift() ?? 200 });
    },
    ...options,
  });
  return { ...rig, callbacks, answers };
}

const hmac = (hash: string, key: string | Buffer, text: string) => createHmac(hash, key).update(text);
const keyOf = (secret: string) => Buffer.from(secret.replace("whsec_", ""), "base64");

/** How each gateway is called. */
const SENDS = {
  twilio: (rig: Rig, change: Record<string, string | null> = {}, token = SECRET) =>
    rig.simulator.app.request(`/twilio/2010-04-01/Accounts/${ACCOUNT}/Messages.json`, {
      method: "POST",
      headers: { Authorization: `Basic ${btoa(`${ACCOUNT}:${token}`)}` },
      body: form({
        To: "+6281234567890",
        From: "+12065550100",
        Body: TEXT,
        StatusCallback: `${CALLBACK_URL}?ref=vrf_1.0`,
        ...change,
      }),
    }),
  vonage: (rig: Rig, change: Record<string, string | null> = {}, secret = SECRET) =>
    rig.simulator.app.request("/vonage/sms/json", {
      method: "POST",
      headers: { Authorization: `Basic ${btoa(`abcd1234:${secret}`)}` },
      body: form({
        from: "Example",
        to: "6281234567890",
        text: TEXT,
        type: "unicode",
        "client-ref": "vrf_1.0",
        callback: CALLBACK_URL,
        ...change,
      }),
    }),
  http: (rig: Rig, change: object = {}, secret = SECRET, timestamp = SECONDS, id = "vrf_1.0") => {
    const body = JSON.stringify({ id: "vrf_1.0", to: "+6281234567890", text: TEXT, ...change });
    const signature = hmac("sha256", keyOf(secret), `${id}.${timestamp}.${body}`).digest("base64");
    return rig.simulator.app.request("/sms", {
      method: "POST",
      headers: {
        "webhook-id": id,
        "webhook-timestamp": String(timestamp),
        "webhook-signature": `v1,${signature}`,
      },
      body,
    });
  },
};

type Gateway = keyof typeof SENDS;
const GATEWAYS: Gateway[] = ["twilio", "vonage", "http"];

function form(fields: Record<string, string | null>): URLSearchParams {
  return new URLSearchParams(
    Object.entries(fields).flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
  );
}

async function messages(rig: Rig, query = "") {
  const response = await rig.control("GET", `/messages${query}`);
  return (await response.json()).messages;
}

/** What the gateways answer to a message, reduced to its id; null for a refusal. */
async function acceptedId(response: Response): Promise<string | null> {
  const body = await response.json();
  return body.sid ?? body.messages?.[0]?.["message-id"] ?? body.id ?? null;
}

describe.each(GATEWAYS)("the gateway %s", (gateway) => {
  const send = SENDS[gateway];

  it("accepts a message, and the phone shows it", async () => {
    const rig = smsRig();
    const id = await acceptedId(await send(rig));
    expect(await messages(rig, "?to=6281234567890")).toEqual([
      {
        id,
        channel: "sms",
        gateway,
        to: "+6281234567890",
        template: null,
        language: null,
        code: "482913",
        text: TEXT,
        status: "accepted",
        error: null,
        callback_data: "vrf_1.0",
        from: expect.any(String),
        created_at: new Date(NOW).toISOString(),
        callback_url: expect.stringContaining(CALLBACK_URL),
      },
    ]);
  });

  it("rejects a request without the secret", async () => {
    const rig = smsRig();
    await send(rig, {}, "whsec_d3Jvbmcgd3Jvbmcgd3Jvbmcgd3Jvbmcgd3Jvbmcgd3I=");
    expect(await messages(rig)).toEqual([]);
  });

  it("reports an accepted message as sent, then as delivered", async () => {
    const rig = smsRig();
    await send(rig);
    await rig.simulator.settled();
    expect(rig.callbacks).toHaveLength(2);
    expect(await messages(rig)).toMatchObject([{ status: "delivered", error: null }]);
  });

  it("reports a failure for a number without SMS, while WhatsApp still reaches it", async () => {
    const rig = smsRig();
    const answer = await rig.control("PUT", "/numbers/6281234567890", { sms: false });
    expect(await answer.json()).toEqual({ number: "+6281234567890", on_whatsapp: true, sms: false });
    await send(rig);
    await rig.simulator.settled();
    expect(rig.callbacks).toHaveLength(1);
    expect(await messages(rig)).toMatchObject([{ status: "failed", error: { code: expect.any(String) } }]);
    await rig.sent();
    await rig.simulator.settled();
    expect((await messages(rig))[0]).toMatchObject({ channel: "whatsapp", status: "delivered" });
  });

  it("delivers an SMS to a number that is not on WhatsApp", async () => {
    const rig = smsRig();
    await rig.control("PUT", "/numbers/6281234567890", { on_whatsapp: false });
    await send(rig);
    await rig.simulator.settled();
    expect(await messages(rig)).toMatchObject([{ status: "delivered" }]);
  });

  it("reports a status on a control call once, and returns the response of the webhook", async () => {
    const rig = smsRig();
    await rig.control("PUT", "/behaviour", { delivery: "manual" });
    const id = await acceptedId(await send(rig));
    rig.answers.push(503);
    const response = await rig.control("POST", `/messages/${id}/status`, { status: "delivered" });
    expect(await response.json()).toEqual({ webhook_status: 503 });
    await rig.simulator.settled();
    expect(rig.callbacks).toHaveLength(1);
    const read = await rig.control("POST", `/messages/${id}/status`, { status: "read" });
    expect(read.status).toBe(400);
    await rig.control("POST", `/messages/${id}/status`, { status: "failed", error_code: 30007 });
    expect(rig.callbacks.at(-1)?.body).toContain("30007");
  });

  it("posts a callback again until it is acknowledged", async () => {
    const rig = smsRig();
    rig.answers.push(500);
    await send(rig);
    await rig.simulator.settled();
    expect(rig.callbacks).toHaveLength(3);
    const bodies = rig.callbacks.map(({ body }) => body);
    expect(new Set(bodies).size).toBe(2);
  });

  it("fails a send on request, and only for the channel SMS", async () => {
    const rig = smsRig();
    await rig.control("PUT", "/behaviour", {
      fail_next: [
        { http_status: 400, code: 131_026 },
        { channel: "sms", http_status: 429, code: 20429 },
        { channel: "whatsapp", http_status: 400, code: 131_026 },
      ],
    });
    expect(JSON.stringify(await (await send(rig)).json())).toContain("20429");
    expect(await acceptedId(await send(rig))).not.toBeNull();
    const { fail_next } = await (await rig.control("GET", "/behaviour")).json();
    expect(fail_next).toHaveLength(2);
  });

  it("delays its response on request", async () => {
    const rig = smsRig();
    await rig.control("PUT", "/behaviour", { latency_ms: 60 });
    const start = performance.now();
    await send(rig);
    expect(performance.now() - start).toBeGreaterThan(55);
  });

  it("uses the development secret by default", async () => {
    const { simulator, control } = createRig({ deliver: async () => new Response() });
    expect(await acceptedId(await send({ simulator } as Rig, {}, DEFAULT_SMS_SECRET))).not.toBeNull();
    expect((await (await control("GET", "/messages")).json()).messages).toHaveLength(1);
  });
});

describe("Twilio", () => {
  it("responds with the message resource of Twilio", async () => {
    const response = await SENDS.twilio(smsRig());
    expect(response.status).toBe(201);
    expect(await response.json()).toMatchObject({
      sid: expect.stringMatching(/^SM[0-9a-f]{32}$/),
      account_sid: ACCOUNT,
      status: "queued",
      to: "+6281234567890",
      from: "+12065550100",
      body: TEXT,
      error_code: null,
    });
  });

  it.each([
    [{ To: null }, 21604],
    [{ To: "6281234567890" }, 21211],
    [{ From: null }, 21603],
    [{ From: "a name of more than eleven" }, 21212],
    [{ From: null, MessagingServiceSid: "MG1" }, 21705],
    [{ Body: "" }, 21602],
    [{ Body: "x".repeat(1601) }, 21617],
    [{ StatusCallback: "nowhere" }, 21609],
  ])("refuses %j with error %i", async (change, code) => {
    const rig = smsRig();
    const response = await SENDS.twilio(rig, change);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      code,
      message: expect.stringMatching(/./),
      status: 400,
      more_info: `https://www.twilio.com/docs/errors/${code}`,
    });
    expect(await messages(rig)).toEqual([]);
  });

  it("rejects a wrong token and unknown paths", async () => {
    const rig = smsRig();
    const refused = await SENDS.twilio(rig, {}, "wrong");
    expect([refused.status, (await refused.json()).code]).toEqual([401, 20003]);
    const unknown = await rig.simulator.app.request("/twilio/2010-04-01/Accounts.json");
    expect([unknown.status, (await unknown.json()).code]).toEqual([404, 20404]);
  });

  it.each([
    ["sent", { MessageStatus: "sent" }],
    ["delivered", { MessageStatus: "delivered" }],
    ["failed", { MessageStatus: "undelivered", ErrorCode: "30005" }],
  ])("reports %s as a form, signed over address and fields", async (status, fields) => {
    const rig = smsRig();
    await rig.control("PUT", "/behaviour", { delivery: "manual" });
    const id = await acceptedId(await SENDS.twilio(rig));
    await rig.control("POST", `/messages/${id}/status`, { status });
    const { url, headers, body } = rig.callbacks[0] ?? { url: "", headers: new Headers(), body: "" };
    expect(url).toBe(`${CALLBACK_URL}?ref=vrf_1.0`);
    const sent = [...new URLSearchParams(body)].sort(([a], [b]) => (a < b ? -1 : 1));
    expect(Object.fromEntries(sent)).toMatchObject({ MessageSid: id, To: "+6281234567890", ...fields });
    const signature = hmac("sha1", SECRET, url + sent.flat().join("")).digest("base64");
    expect(headers.get("X-Twilio-Signature")).toBe(signature);
  });

  it("posts no callback without a callback URL", async () => {
    const rig = smsRig();
    const id = await acceptedId(await SENDS.twilio(rig, { StatusCallback: null }));
    await rig.simulator.settled();
    expect(await messages(rig)).toMatchObject([{ status: "delivered", callback_data: null }]);
    const response = await rig.control("POST", `/messages/${id}/status`, { status: "failed" });
    expect(await response.json()).toEqual({ webhook_status: null });
    expect(rig.callbacks).toEqual([]);
  });
});

describe("Vonage", () => {
  it("responds with a message that has the client reference", async () => {
    const response = await SENDS.vonage(smsRig());
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      "message-count": "1",
      messages: [{ to: "6281234567890", status: "0", "client-ref": "vrf_1.0" }],
    });
  });

  it.each([
    [{ from: null }, "2", "Missing from param"],
    [{ to: null }, "2", "Missing to param"],
    [{ text: "" }, "2", "Missing text param"],
    [{ to: "+6281234567890" }, "3", "Invalid value for param: to"],
    [{ callback: `https://example.com/${"x".repeat(100)}` }, "23", "Invalid Callback Url"],
  ])("refuses %j with status %s", async (change, status, text) => {
    const rig = smsRig();
    const response = await SENDS.vonage(rig, change);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      "message-count": "1",
      messages: [{ status, "error-text": text }],
    });
    expect(await messages(rig)).toEqual([]);
  });

  it("accepts the secret in the form, and rejects a wrong secret with status 4", async () => {
    const rig = smsRig();
    const request = (api_secret: string) =>
      rig.simulator.app.request("/vonage/sms/json", {
        method: "POST",
        body: form({ api_key: "abcd1234", api_secret, from: "E", to: "6281234567890", text: "482913" }),
      });
    expect((await (await request(SECRET)).json()).messages[0].status).toBe("0");
    expect((await (await request("wrong")).json()).messages[0].status).toBe("4");
  });

  it("drops characters outside the GSM alphabet, unless the type is unicode", async () => {
    const rig = smsRig();
    await SENDS.vonage(rig, { text: "482913 ваш код €", type: "text" });
    await SENDS.vonage(rig, { text: "482913 ваш код €" });
    expect((await messages(rig)).map(({ text }: { text: string }) => text)).toEqual([
      "482913 ваш код €",
      "482913 ??? ??? €",
    ]);
  });

  it.each([
    ["sent", { status: "accepted", "err-code": "0" }],
    ["delivered", { status: "delivered", "err-code": "0" }],
    ["failed", { status: "failed", "err-code": "3" }],
  ])("reports %s as JSON, signed over its fields", async (status, fields) => {
    const rig = smsRig();
    await rig.control("PUT", "/behaviour", { delivery: "manual" });
    const id = await acceptedId(await SENDS.vonage(rig));
    await rig.control("POST", `/messages/${id}/status`, { status });
    const { sig, ...receipt } = JSON.parse(rig.callbacks[0]?.body ?? "");
    expect(receipt).toMatchObject({
      messageId: id,
      msisdn: "6281234567890",
      "client-ref": "vrf_1.0",
      ...fields,
      "message-timestamp": "2026-11-23 10:00:00",
      timestamp: String(SECONDS),
    });
    const signed = Object.entries(receipt)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => `&${name}=${value}`)
      .join("");
    expect(sig).toBe(hmac("sha256", SIGNATURE_SECRET, signed).digest("hex"));
  });
});

describe("the generic gateway", () => {
  it("responds 202 with an id, and with the same id to a repeat", async () => {
    const rig = smsRig();
    const first = await SENDS.http(rig);
    expect(first.status).toBe(202);
    const id = await acceptedId(first);
    expect(await acceptedId(await SENDS.http(rig))).toBe(id);
    expect(await messages(rig)).toHaveLength(1);
  });

  it.each([
    ["no text", {}, { text: undefined }, 400, "invalid_request"],
    ["a number without its plus", {}, { to: "6281234567890" }, 400, "invalid_request"],
    ["another webhook-id", { id: "vrf_2.0" }, {}, 400, "invalid_request"],
    ["an old signature", { timestamp: SECONDS - 301 }, {}, 401, "invalid_signature"],
    ["an early signature", { timestamp: SECONDS + 301 }, {}, 401, "invalid_signature"],
  ])("refuses %s", async (_, signed: { id?: string; timestamp?: number }, change, status, code) => {
    const rig = smsRig();
    const response = await SENDS.http(rig, change, SECRET, signed.timestamp, signed.id);
    expect(response.status).toBe(status);
    expect(response.headers.get("Content-Type")).toBe("application/problem+json");
    expect(await response.json()).toMatchObject({ status, code });
    expect(await messages(rig)).toEqual([]);
  });

  it.each([
    ["delivered", {}],
    ["failed", { error_code: "unreachable" }],
  ])("reports %s by Standard Webhooks", async (status, fields) => {
    const rig = smsRig();
    await rig.control("PUT", "/behaviour", { delivery: "manual" });
    const id = await acceptedId(await SENDS.http(rig));
    await rig.control("POST", `/messages/${id}/status`, { status });
    const { url, headers, body } = rig.callbacks[0] ?? { url: "", headers: new Headers(), body: "" };
    expect(url).toBe(CALLBACK_URL);
    expect(JSON.parse(body)).toEqual({ ref: "vrf_1.0", id, status, ...fields });
    const signed = `${headers.get("webhook-id")}.${SECONDS}.${body}`;
    const signature = hmac("sha256", keyOf(SECRET), signed).digest("base64");
    expect(headers.get("webhook-signature")).toBe(`v1,${signature}`);
    expect(headers.get("webhook-timestamp")).toBe(String(SECONDS));
  });
});

describe("numbers without SMS", () => {
  it("are kept across restarts, and reset by DELETE /_sim", async () => {
    let saved: SimulatorOptions["initialState"];
    const rig = smsRig({ save: (state) => (saved = structuredClone(state())) });
    await rig.control("PUT", "/numbers/6281234567890", { sms: false });
    const next = smsRig(saved && { initialState: saved });
    expect(
      await (await next.control("PUT", "/numbers/6281234567890", { on_whatsapp: false })).json(),
    ).toEqual({
      number: "+6281234567890",
      on_whatsapp: false,
      sms: false,
    });
    await next.control("DELETE", "");
    expect(await (await next.control("PUT", "/numbers/6281234567890", { on_whatsapp: true })).json()).toEqual(
      {
        number: "+6281234567890",
        on_whatsapp: true,
        sms: true,
      },
    );
  });
});

describe("the code in an SMS", () => {
  it.each([
    ["482913 is your Example code.\n@example.com #482913", "482913"],
    ["Your 1234 points: use the code\n@example.com #KXWMRT", "KXWMRT"],
    ["KXWMRT is your Shop24 code.", "KXWMRT"],
    ["Your Example code is 482913.", "482913"],
    ["Use AB12 for Example.", "AB12"],
    ["Pay +6281234567890123 with 4821", "4821"],
    ["Code: 482913.\n@example.com says hello", "482913"],
    ["Hello, how are you?", null],
    ["", null],
  ])("%j is %s", (text, code) => {
    expect(codeIn(text)).toBe(code);
  });
});
