import { createHmac } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { describe, expect, it, vi } from "vitest";
import { httpGateway } from "../../../src/channels/sms/http.ts";
import { CALLBACK_URL, forever, HOST, ID, lastRequest, SECRET, sms, tampered, useSmsRig } from "./rig.ts";

const http = httpGateway({ url: `${HOST}/sms`, secret: SECRET });
const rig = useSmsRig();

/** A signature by Standard Webhooks, computed without its library. */
function signatureOf(id: string, timestamp: number | string, body: string, secret = SECRET): string {
  const key = Buffer.from(secret.replace("whsec_", ""), "base64");
  return `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64")}`;
}

it("the HTTP gateway's signature equals the test vector of Standard Webhooks", () => {
  const body = '{"type":"verification.approved","timestamp":"2026-11-22T10:00:00Z","data":{"id":"vrf_1"}}';
  const signature = "v1,BSKLcBFIqg6ijs1rJN9lzXooFCXxOZU2NH46KCU2Tas=";
  const id = "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W";
  expect(signatureOf(id, 1795341600, body)).toBe(signature);
  expect(new Webhook(SECRET).sign(id, new Date(1795341600_000), body)).toBe(signature);
});

describe("a send through an HTTP gateway", () => {
  it("is one signed JSON object whose id is the webhook-id", async () => {
    const result = await http.send(sms, forever);
    const { url, init, headers, body } = lastRequest();
    expect(url).toBe(`${HOST}/sms`);
    expect(init).toMatchObject({ method: "POST", redirect: "manual", signal: forever });
    expect(JSON.parse(body)).toEqual({ id: `${ID}.1`, to: sms.to, text: sms.text });
    const timestamp = headers.get("webhook-timestamp") ?? "";
    expect(Math.abs(Number(timestamp) - Date.now() / 1000)).toBeLessThan(10);
    expect(Object.fromEntries(headers)).toEqual({
      "content-type": "application/json",
      "webhook-id": `${ID}.1`,
      "webhook-timestamp": timestamp,
      "webhook-signature": signatureOf(`${ID}.1`, timestamp, body),
    });
    const [message] = await rig.received();
    expect(message).toMatchObject({ channel: "sms", gateway: "http", callback_data: `${ID}.1` });
    expect(result).toEqual({ kind: "accepted", providerMessageId: message?.id });
  });

  it("that is repeated has the same id", async () => {
    const first = await http.send(sms, forever);
    expect(await http.send(sms, forever)).toEqual(first);
    expect(await rig.received()).toHaveLength(1);
  });

  it("with another secret is an error for an operator", async () => {
    const wrongSecret = httpGateway({ url: `${HOST}/sms`, secret: `whsec_${btoa("x".repeat(32))}` });
    expect(await wrongSecret.send(sms, forever)).toMatchObject({
      kind: "error",
      error: { code: "invalid_signature", class: "fix" },
    });
  });

  it.each([
    ["an empty 200", () => new Response(null, { status: 200 })],
    ["a 204", () => new Response(null, { status: 204 })],
    ["a page of HTML", () => new Response("<p>ok", { status: 202 })],
    ["an id of no sensible shape", () => Response.json({ id: "a b\n" })],
  ])("answered with %s is accepted under our own id", async (_, answer) => {
    vi.mocked(fetch).mockResolvedValueOnce(answer());
    expect(await http.send(sms, forever)).toEqual({ kind: "accepted", providerMessageId: `${ID}.1` });
  });

  it.each([
    [400, "fallback"],
    [422, "fallback"],
    [409, "fallback"],
    [401, "fix"],
    [403, "fix"],
    [404, "fix"],
    [410, "fix"],
    [402, "stop"],
    [429, "backoff"],
    [408, "retry"],
    [500, "retry"],
    [503, "retry"],
  ])("rejected with %i is of class %s, with the gateway's own code", async (http_status, errorClass) => {
    await rig.behave({ fail_next: [{ channel: "sms", http_status, code: 7001 }] });
    expect(await http.send(sms, forever)).toEqual({
      kind: "error",
      error: { code: "7001", class: errorClass, title: expect.stringMatching(/./) },
    });
  });

  it("rejected without a code is classified by its status", async () => {
    vi.mocked(fetch).mockResolvedValueOnce(new Response("no", { status: 422 }));
    expect(await http.send(sms, forever)).toMatchObject({ error: { code: "http_422" } });
  });

  it("does not follow a redirect", async () => {
    vi.mocked(fetch).mockResolvedValueOnce(Response.redirect("https://elsewhere.test", 307));
    expect(await http.send(sms, forever)).toMatchObject({ error: { code: "http_307", class: "fix" } });
    expect(fetch).toHaveBeenCalledTimes(1);
  });

  it("without an answer has an unknown result", async () => {
    vi.mocked(fetch).mockRejectedValueOnce(new TypeError("Network connection lost."));
    expect(await http.send(sms, forever)).toEqual({ kind: "no_answer" });
    expect(rig.logLines.join()).not.toMatch(/482913|81234567890|whsec/);
  });
});

describe("a status callback of an HTTP gateway", () => {
  it.each([
    ["sent", null],
    ["delivered", null],
    ["failed", { code: "unreachable", title: expect.any(String), action: "Reach this user another way." }],
  ])("of %s is read with its message when its signature is valid", async (status, error) => {
    await http.send(sms, forever);
    const callback = await rig.reported(status);
    const [message] = await rig.received();
    expect(http.readUpdates(callback)).toEqual([
      {
        update: {
          message: { id: ID, ordinal: 1 },
          providerMessageId: message?.id,
          status,
          error,
          pricing: null,
          at: Number(callback.headers.get("webhook-timestamp")) * 1000,
        },
        recipient: null,
      },
    ]);
  });

  const now = () => Math.floor(Date.now() / 1000);
  const signed = (event: unknown, timestamp: number | string = now(), secret = SECRET) => {
    const body = typeof event === "string" ? event : JSON.stringify(event);
    const signature = signatureOf("msg_1", timestamp, body, secret);
    const headers = new Headers({
      "webhook-id": "msg_1",
      "webhook-timestamp": String(timestamp),
      "webhook-signature": signature,
    });
    return { url: CALLBACK_URL, headers, rawBody: new TextEncoder().encode(body) };
  };
  const event = { ref: `${ID}.0`, id: "sms_1", status: "delivered" };

  it("may omit the gateway's id and contain unknown fields", () => {
    expect(http.readUpdates(signed({ ref: `${ID}.0`, status: "sent", carrier: "X" }))).toMatchObject([
      { update: { message: { id: ID, ordinal: 0 }, providerMessageId: `${ID}.0`, status: "sent" } },
    ]);
  });

  it("never has a time that is not a number", () => {
    const callback = signed(event);
    const timestamp = `${callback.headers.get("webhook-timestamp")}x`;
    // The reference implementation parses the leading digits and verifies the signature over those.
    expect(http.readUpdates(tampered(callback, { headers: { "webhook-timestamp": timestamp } }))).toBeNull();
  });

  it("may have a second signature by a future secret", () => {
    const callback = signed(event);
    const signature = `v1,${"A".repeat(43)}= ${callback.headers.get("webhook-signature")} v2,x`;
    expect(
      http.readUpdates(tampered(callback, { headers: { "webhook-signature": signature } })),
    ).toHaveLength(1);
  });

  it.each([
    ["another body", { body: (text: string) => text.replace("delivered", "failed") }],
    ["a space more", { body: (text: string) => `${text} ` }],
    ["another id", { headers: { "webhook-id": "msg_2" } }],
    ["no id", { headers: { "webhook-id": null } }],
    ["another time", { headers: { "webhook-timestamp": String(now() - 7) } }],
    ["no time", { headers: { "webhook-timestamp": null } }],
    ["no signature", { headers: { "webhook-signature": null } }],
    ["an empty signature", { headers: { "webhook-signature": "v1," } }],
    ["a signature without a version", { headers: { "webhook-signature": "BSKLcBFIqg6ijs1rJN9lzXooFCXx" } }],
  ])("with %s is not the gateway's", (_, change) => {
    expect(http.readUpdates(tampered(signed(event), change))).toBeNull();
  });

  it.each([
    ["six minutes old", signed(event, now() - 360)],
    ["six minutes early", signed(event, now() + 360)],
    ["of another secret", signed(event, now(), `whsec_${btoa("x".repeat(32))}`)],
    ["of no time", signed(event, "soon")],
  ])("that is %s is not the gateway's", (_, callback) => {
    expect(http.readUpdates(callback)).toBeNull();
  });

  it.each([
    ["another status", { ...event, status: "queued" }],
    ["no status", { ref: event.ref }],
    ["a reference of another system", { ...event, ref: "order-7" }],
    ["no reference", { status: "sent" }],
    ["null", null],
    ["a body that is no JSON", "{"],
    ["an empty body", ""],
  ])("with %s changes nothing", (_, given) => {
    expect(http.readUpdates(signed(given))).toEqual([]);
  });
});
