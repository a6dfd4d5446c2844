import { createHmac } from "node:crypto";
import { describe, expect, it, vi } from "vitest";
import { isSignedByVonage, vonageGateway } from "../../../src/channels/sms/vonage.ts";
import {
  CALLBACK_URL,
  forever,
  HOST,
  ID,
  lastRequest,
  SECRET,
  SIGNATURE_SECRET,
  sms,
  tampered,
  useSmsRig,
} from "./rig.ts";

const callback = { url: CALLBACK_URL, signatureSecret: SIGNATURE_SECRET };
const settings = {
  baseUrl: `${HOST}/vonage`,
  apiKey: "abcd1234",
  apiSecret: SECRET,
  from: "Example",
  callback,
};
const vonage = vonageGateway(settings);
const rig = useSmsRig();

describe("Vonage's signature", () => {
  const receipt = {
    "message-timestamp": "2013-11-21 15:27:30",
    messageId: "020000001B0FE827",
    msisdn: "14843472194",
    text: "Test again",
    timestamp: "1385047698",
    to: "13239877404",
    type: "text",
  };

  it("of the example in Vonage's libraries for Node, PHP and Ruby is valid", () => {
    const secret = "my_secret_key_for_testing";
    const sig = "DDB8397C2B90AAC7F3882D306475C9A5058C92322EEF43C92B298B6E0FC0D330";
    const parameters = (change: object = {}) => new Map(Object.entries({ ...receipt, sig, ...change }));
    expect(isSignedByVonage(parameters(), secret)).toBe(true);
    expect(isSignedByVonage(parameters({ sig: sig.toLowerCase() }), secret)).toBe(true);
    expect(isSignedByVonage(parameters({ timestamp: "1385047699" }), secret)).toBe(false);
    expect(isSignedByVonage(parameters({ more: "x" }), secret)).toBe(false);
    expect(isSignedByVonage(parameters({ sig: sig.replace("D", "0") }), secret)).toBe(false);
    expect(isSignedByVonage(parameters(), `${secret}x`)).toBe(false);
  });

  it("counts & and = within a value as _", () => {
    const sig = createHmac("sha256", "secret").update("&text=You _ me _ love").digest("hex");
    expect(
      isSignedByVonage(
        new Map([
          ["text", "You & me = love"],
          ["sig", sig],
        ]),
        "secret",
      ),
    ).toBe(true);
  });

  it.each([undefined, "", "x", "0".repeat(63), "g".repeat(64), `${"0".repeat(64)}0`])("is not %s", (sig) => {
    const parameters = new Map(Object.entries<string>(receipt));
    if (sig !== undefined) parameters.set("sig", sig);
    expect(isSignedByVonage(parameters, "secret")).toBe(false);
  });
});

describe("a Vonage send", () => {
  it("is Vonage's call, with the callback data as client-ref", async () => {
    const result = await vonage.send(sms, forever);
    const { url, init, headers, body } = lastRequest();
    expect(url).toBe(`${HOST}/vonage/sms/json`);
    expect(init).toMatchObject({ method: "POST", redirect: "manual", signal: forever });
    expect(Object.fromEntries(headers)).toEqual({
      authorization: `Basic ${btoa(`abcd1234:${SECRET}`)}`,
      "content-type": "application/x-www-form-urlencoded",
    });
    expect(Object.fromEntries(new URLSearchParams(body))).toEqual({
      from: "Example",
      to: "6281234567890",
      text: sms.text,
      type: "text",
      "client-ref": `${ID}.1`,
      "status-report-req": "true",
      callback: CALLBACK_URL,
    });
    expect(await rig.received()).toMatchObject([
      { channel: "sms", gateway: "vonage", to: sms.to, text: sms.text, callback_data: `${ID}.1` },
    ]);
    const [message] = await rig.received();
    expect(result).toEqual({ kind: "accepted", providerMessageId: message?.id });
  });

  it.each([
    ["482913 è il tuo codice Example.", "text"],
    ["482913 — ваш код Example.", "unicode"],
    ["482913 は Example の認証コードです。", "unicode"],
  ])("of %s is of type %s, and the text is unchanged", async (text, type) => {
    await vonage.send({ ...sms, text }, forever);
    expect(new URLSearchParams(lastRequest().body).get("type")).toBe(type);
    expect(await rig.received()).toMatchObject([{ text }]);
  });

  it("requests no receipt without a signature secret", async () => {
    await vonageGateway({ ...settings, callback: null }).send(sms, forever);
    const fields = Object.fromEntries(new URLSearchParams(lastRequest().body));
    expect(fields).toMatchObject({ "status-report-req": "false" });
    expect(fields).not.toHaveProperty("callback");
  });

  it("with a wrong secret is an error for an operator", async () => {
    const attempt = await vonageGateway({ ...settings, apiSecret: "wrong" }).send(sms, forever);
    expect(attempt).toMatchObject({ kind: "error", error: { code: "4", class: "fix" } });
  });

  it.each([
    [1, "backoff"],
    [2, "bug"],
    [3, "bug"],
    [4, "fix"],
    [5, "retry"],
    [6, "fallback"],
    [7, "fallback"],
    [8, "stop"],
    [9, "stop"],
    [15, "fix"],
    [17, "fallback"],
    [29, "fix"],
    [33, "fallback"],
    [77, "fallback"],
  ])("rejected with status %i is of class %s", async (code, errorClass) => {
    await rig.behave({ fail_next: [{ channel: "sms", http_status: 400, code }] });
    expect(await vonage.send(sms, forever)).toEqual({
      kind: "error",
      error: { code: String(code), class: errorClass, title: expect.stringMatching(/./) },
    });
    expect(await rig.received()).toEqual([]);
  });

  it("fails when one of its parts was rejected", async () => {
    const messages = [
      { status: "0", "message-id": "1" },
      { status: "6", "error-text": "Unroutable" },
    ];
    vi.mocked(fetch).mockResolvedValueOnce(Response.json({ "message-count": "2", messages }));
    expect(await vonage.send(sms, forever)).toMatchObject({ error: { code: "6" } });
  });

  it.each([
    ["a page of HTML", async () => new Response("<html>", { status: 502 })],
    ["no messages", async () => Response.json({ "message-count": "0", messages: [] })],
    ["a message without an id", async () => Response.json({ messages: [{ status: "0" }] })],
    ["a network error", () => Promise.reject(new TypeError("Network connection lost."))],
  ])("answered with %s has an unknown result", async (_, answer) => {
    vi.mocked(fetch).mockImplementationOnce(answer);
    expect(await vonage.send(sms, forever)).toEqual({ kind: "no_answer" });
    expect(rig.logLines.join()).not.toMatch(/482913|81234567890|whsec/);
  });
});

describe("a Vonage delivery receipt", () => {
  it.each([
    ["sent", "sent", null],
    ["delivered", "delivered", null],
    [
      "failed",
      "failed",
      { code: "3", title: "The number is no longer in use", action: "Reach this user another way." },
    ],
  ])("of %s is read with its message when its signature is valid", async (reported, status, error) => {
    await vonage.send(sms, forever);
    const second = Math.floor(Date.now() / 1000) * 1000;
    const updates = vonage.readUpdates(await rig.reported(reported));
    const [message] = await rig.received();
    expect(updates).toEqual([
      {
        update: {
          message: { id: ID, ordinal: 1 },
          providerMessageId: message?.id,
          status,
          error,
          pricing: null,
          at: expect.toSatisfy((at: number) => at >= second && at <= Date.now()),
        },
        recipient: null,
      },
    ]);
  });

  it.each([
    ["another reference", { body: (text: string) => text.replace(`${ID}.1`, `${ID}.0`) }],
    ["another status", { body: (text: string) => text.replace('"delivered"', '"failed"') }],
    ["one field more", { body: (text: string) => text.replace("{", '{"more":"x",') }],
    ["one parameter more", { url: `${CALLBACK_URL}?more=x` }],
    ["no signature", { body: (text: string) => text.replace(/,"sig":"\w+"/, "") }],
    ["another signature", { body: (text: string) => text.replace(/"sig":"\w{3}/, '"sig":"000') }],
    ["no body", { body: () => "" }],
    ["a list for a body", { body: () => "[]" }],
    ["a body that is no JSON", { body: () => "{" }],
  ])("with %s is not Vonage's", async (_, change) => {
    await vonage.send(sms, forever);
    const receipt = await rig.reported("delivered");
    expect(vonage.readUpdates(receipt)).toHaveLength(1);
    expect(vonage.readUpdates(tampered(receipt, change))).toBeNull();
  });

  it("is rejected when none was requested", async () => {
    await vonage.send(sms, forever);
    const receipt = await rig.reported("delivered");
    expect(vonageGateway({ ...settings, callback: null }).readUpdates(receipt)).toBeNull();
  });

  const known = {
    messageId: "0A0000001234567B",
    status: "delivered",
    "err-code": "0",
    msisdn: "6281234567890",
    "message-timestamp": "2026-11-23 10:00:00",
    "client-ref": `${ID}.0`,
  };
  const signed = (change: Record<string, string> = {}) => {
    const fields: Record<string, string> = { ...known, ...change };
    const data = Object.keys(fields)
      .sort()
      .map((name) => `&${name}=${fields[name]}`)
      .join("");
    return { ...fields, sig: createHmac("sha256", SIGNATURE_SECRET).update(data).digest("hex") };
  };
  const asJson = (fields: object) => ({
    url: CALLBACK_URL,
    headers: new Headers({ "content-type": "application/json" }),
    rawBody: new TextEncoder().encode(JSON.stringify(fields)),
  });

  it("may be JSON, a form, or query parameters", () => {
    const form = new URLSearchParams(signed()).toString();
    const none = { headers: new Headers(), rawBody: new Uint8Array() };
    const updates = [
      vonage.readUpdates(asJson(signed())),
      vonage.readUpdates({ ...none, url: CALLBACK_URL, rawBody: new TextEncoder().encode(form) }),
      vonage.readUpdates({ ...none, url: `${CALLBACK_URL}?${form}` }),
    ];
    for (const read of updates) {
      expect(read).toMatchObject([
        {
          update: {
            message: { id: ID, ordinal: 0 },
            status: "delivered",
            at: Date.parse("2026-11-23T10:00:00Z"),
          },
        },
      ]);
    }
  });

  it.each([
    ["accepted", "sent"],
    ["buffered", "sent"],
    ["rejected", "failed"],
    ["expired", "failed"],
  ])("of %s means %s", (status, meant) => {
    expect(vonage.readUpdates(asJson(signed({ status })))).toMatchObject([{ update: { status: meant } }]);
  });

  it.each(["unknown", "new-in-2027", ""])("of %s changes nothing", (status) => {
    expect(vonage.readUpdates(asJson(signed({ status })))).toEqual([]);
  });

  it.each(["2026-99-99 10:00:00", "yesterday", ""])(
    "with the time %o uses the time of its arrival",
    (time) => {
      const before = Date.now();
      const [update] = vonage.readUpdates(asJson(signed({ "message-timestamp": time }))) ?? [];
      expect(update?.update.at).toBeGreaterThanOrEqual(before);
    },
  );

  it("without callback data is matched by its recipient", () => {
    expect(vonage.readUpdates(asJson(signed({ "client-ref": "order-7" })))).toMatchObject([
      { update: { message: null, providerMessageId: "0A0000001234567B" }, recipient: "+6281234567890" },
    ]);
  });

  it.each([
    ["6", "Reach this user another way."],
    ["8", "Try again in a moment."],
    ["51", "An operator has to correct the provider account's settings."],
    ["98", "Reach this user another way."],
  ])("that failed with err-code %s has advice", (code, action) => {
    expect(vonage.readUpdates(asJson(signed({ status: "failed", "err-code": code })))).toMatchObject([
      { update: { error: { code, action } } },
    ]);
  });
});
