import { createHmac } from "node:crypto";
import { describe, expect, it, vi } from "vitest";
import { isSignedByTwilio, twilioGateway } from "../../../src/channels/sms/twilio.ts";
import { CALLBACK_URL, forever, HOST, ID, lastRequest, SECRET, sms, tampered, useSmsRig } from "./rig.ts";

const accountSid = `AC${"0123456789abcdef".repeat(2)}`;
const settings = {
  baseUrl: `${HOST}/twilio`,
  accountSid,
  authToken: SECRET,
  sender: { From: "+12065550100" },
  callbackUrl: CALLBACK_URL,
};
const twilio = twilioGateway(settings);
const rig = useSmsRig();

describe("Twilio's signature", () => {
  const url = "https://mycompany.com/myapp.php?foo=1&bar=2";
  const form = (from: string) =>
    new URLSearchParams({
      CallSid: "CA1234567890ABCDE",
      Caller: from,
      Digits: "1234",
      From: from,
      To: "+18005551212",
    });

  it.each([
    ["Twilio's page on security", "+12349013030", "0/KCTR6DLpKmkAf8muzZqo1nDgQ="],
    ["the tests of Twilio's libraries", "+14158675309", "RSOYDt4T1cUTdK1PDd93/VVr8B8="],
  ])("of the example in %s is valid", (_, from, signature) => {
    expect(isSignedByTwilio(url, form(from), signature, "12345")).toBe(true);
    expect(isSignedByTwilio(`${url}&x=1`, form(from), signature, "12345")).toBe(false);
    expect(isSignedByTwilio(url, form("+12349013031"), signature, "12345")).toBe(false);
    expect(isSignedByTwilio(url, form(from), signature, "12346")).toBe(false);
  });

  it("of repeated parameters uses each distinct value once, sorted, as Twilio's libraries do", () => {
    const repeated = new URLSearchParams("Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234&Digits=1234");
    expect(isSignedByTwilio(url, repeated, "IK+Dwps556ElfBT0I3Rgjkr1wJU=", "12345")).toBe(true);
  });

  it.each([null, "", "0/KCTR6DLpKmkAf8muzZqo1nDg", "0/KC", "x".repeat(28), "é".repeat(20)])(
    "is not %s",
    (header) => {
      expect(isSignedByTwilio(url, form("+12349013030"), header, "12345")).toBe(false);
    },
  );
});

describe("a Twilio send", () => {
  it("is Twilio's call, with the callback data in the callback URL", async () => {
    const result = await twilio.send(sms, forever);
    const { url, init, headers, body } = lastRequest();
    expect(url).toBe(`${HOST}/twilio/2010-04-01/Accounts/${accountSid}/Messages.json`);
    expect(init).toMatchObject({ method: "POST", redirect: "manual", signal: forever });
    expect(Object.fromEntries(headers)).toEqual({
      authorization: `Basic ${btoa(`${accountSid}:${SECRET}`)}`,
      "content-type": "application/x-www-form-urlencoded",
    });
    expect(Object.fromEntries(new URLSearchParams(body))).toEqual({
      To: sms.to,
      From: "+12065550100",
      Body: sms.text,
      StatusCallback: `${CALLBACK_URL}?ref=${ID}.1`,
    });
    expect(await rig.received()).toMatchObject([
      { channel: "sms", gateway: "twilio", text: sms.text, code: "482913", callback_data: `${ID}.1` },
    ]);
    const [message] = await rig.received();
    expect(result).toEqual({ kind: "accepted", providerMessageId: message?.id });
  });

  it("may use a messaging service and request no callback", async () => {
    const MessagingServiceSid = `MG${"0".repeat(32)}`;
    const gateway = twilioGateway({ ...settings, sender: { MessagingServiceSid }, callbackUrl: null });
    expect(await gateway.send(sms, forever)).toMatchObject({ kind: "accepted" });
    const fields = Object.fromEntries(new URLSearchParams(lastRequest().body));
    expect(fields).toEqual({ To: sms.to, MessagingServiceSid, Body: sms.text });
  });

  it("with a wrong token is an error for an operator", async () => {
    const attempt = await twilioGateway({ ...settings, authToken: "wrong" }).send(sms, forever);
    expect(attempt).toMatchObject({ kind: "error", error: { code: "20003", class: "fix" } });
  });

  it.each([
    [21211, 400, "fallback"],
    [21408, 400, "fallback"],
    [21610, 400, "fallback"],
    [20003, 401, "fix"],
    [20005, 403, "stop"],
    [20429, 429, "backoff"],
    [20500, 500, "retry"],
    [21602, 400, "bug"],
    [99_999, 400, "fallback"],
    [99_999, 503, "retry"],
    [99_999, 429, "backoff"],
  ])("rejected with %i and status %i is of class %s", async (code, http_status, errorClass) => {
    await rig.behave({ fail_next: [{ channel: "sms", http_status, code }] });
    expect(await twilio.send(sms, forever)).toEqual({
      kind: "error",
      error: { code: String(code), class: errorClass, title: expect.stringMatching(/./) },
    });
    expect(await rig.received()).toEqual([]);
  });

  it.each([
    [401, "20003", "fix"],
    [429, "20429", "backoff"],
    [500, "500", "retry"],
  ])("rejected with status %i and no code is classified by the status", async (status, code, errorClass) => {
    const answer = Response.json({ message: "No", code: null, status }, { status });
    vi.mocked(fetch).mockResolvedValueOnce(answer);
    expect(await twilio.send(sms, forever)).toMatchObject({ error: { code, class: errorClass } });
  });

  it.each([
    ["a page of HTML", async () => new Response("<html>", { status: 502 })],
    ["an empty answer", async () => new Response(null, { status: 200 })],
    ["JSON of another shape", async () => Response.json({ ok: true })],
    ["a network error", () => Promise.reject(new TypeError("Network connection lost."))],
  ])("answered with %s has an unknown result", async (_, answer) => {
    vi.mocked(fetch).mockImplementationOnce(answer);
    expect(await twilio.send(sms, forever)).toEqual({ kind: "no_answer" });
    expect(rig.logLines.join()).toContain('"provider":"twilio"');
    expect(rig.logLines.join()).not.toMatch(/482913|81234567890|whsec/);
  });
});

describe("a Twilio status callback", () => {
  it.each([
    ["sent", "sent", null],
    ["delivered", "delivered", null],
    [
      "failed",
      "failed",
      { code: "30005", title: "The number is unknown", action: "Reach this user another way." },
    ],
  ])("of %s is read with its message when its signature is valid", async (reported, status, error) => {
    await twilio.send(sms, forever);
    const before = Date.now();
    const updates = twilio.readUpdates(await rig.reported(reported));
    const [message] = await rig.received();
    expect(updates).toEqual([
      {
        update: {
          message: { id: ID, ordinal: 1 },
          providerMessageId: message?.id,
          status,
          error,
          pricing: null,
          at: expect.toSatisfy((at: number) => at >= before && at <= Date.now()),
        },
        recipient: null,
      },
    ]);
  });

  it.each([
    ["another reference", { url: `${CALLBACK_URL}?ref=${ID}.0` }],
    ["no reference", { url: CALLBACK_URL }],
    ["another status", { body: (text: string) => text.replaceAll("delivered", "undelivered") }],
    ["one parameter more", { body: (text: string) => `${text}&ErrorCode=30007` }],
    ["no signature", { headers: { "x-twilio-signature": null } }],
    ["another signature", { headers: { "x-twilio-signature": "0/KCTR6DLpKmkAf8muzZqo1nDgQ=" } }],
  ])("with %s is not Twilio's", async (_, change) => {
    await twilio.send(sms, forever);
    const callback = await rig.reported("delivered");
    expect(twilio.readUpdates(callback)).toHaveLength(1);
    expect(twilio.readUpdates(tampered(callback, change))).toBeNull();
  });

  it("is verified against the URL given to Twilio, even if a proxy changed it", async () => {
    await twilio.send(sms, forever);
    const callback = await rig.reported("delivered");
    const url = callback.url.replace("https://sandi.test", "http://10.0.0.1:8080");
    expect(twilio.readUpdates(tampered(callback, { url }))).toHaveLength(1);
  });

  it("is rejected when none was requested", async () => {
    await twilio.send(sms, forever);
    const callback = await rig.reported("delivered");
    expect(twilioGateway({ ...settings, callbackUrl: null }).readUpdates(callback)).toBeNull();
  });

  const signed = (fields: Record<string, string>, reference = "?ref=order-7") => {
    const url = CALLBACK_URL + reference;
    const data =
      url +
      Object.keys(fields)
        .sort()
        .map((name) => name + fields[name])
        .join("");
    const signature = createHmac("sha1", SECRET).update(data).digest("base64");
    const rawBody = new TextEncoder().encode(new URLSearchParams(fields).toString());
    return { url, headers: new Headers({ "X-Twilio-Signature": signature }), rawBody };
  };
  const known = { MessageSid: "SM1", MessageStatus: "delivered", To: "+6281234567890" };

  it("without callback data is matched by its recipient", () => {
    for (const reference of ["?ref=order-7", "?ref=", ""]) {
      expect(twilio.readUpdates(signed(known, reference))).toMatchObject([
        { update: { message: null, providerMessageId: "SM1" }, recipient: "+6281234567890" },
      ]);
    }
  });

  it.each([
    ["undelivered", "failed"],
    ["failed", "failed"],
    ["canceled", "failed"],
    ["read", "read"],
  ])("of %s means %s", (given, status) => {
    expect(twilio.readUpdates(signed({ ...known, MessageStatus: given }))).toMatchObject([
      { update: { status } },
    ]);
  });

  it.each(["queued", "accepted", "sending", "scheduled", "receiving", "new-in-2027", ""])(
    "of %s changes nothing",
    (given) => {
      expect(twilio.readUpdates(signed({ ...known, MessageStatus: given }))).toEqual([]);
    },
  );

  it.each([
    ["30006", "Reach this user another way."],
    ["30007", "Reach this user another way."],
    ["30002", "An operator has to clear the block on the provider account."],
    ["30034", "An operator has to correct the provider account's settings."],
    ["99999", "Reach this user another way."],
  ])("that failed with %s has advice", (ErrorCode, action) => {
    const failed = { ...known, MessageStatus: "undelivered", ErrorCode };
    expect(twilio.readUpdates(signed(failed))).toMatchObject([
      { update: { status: "failed", error: { code: ErrorCode, action } } },
    ]);
  });

  it("without a message's id changes nothing", () => {
    expect(twilio.readUpdates(signed({ MessageStatus: "delivered" }))).toEqual([]);
  });
});
