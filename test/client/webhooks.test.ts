import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import { verifyEvent, verifyEvents, WebhookVerificationError } from "../../src/client/webhooks.ts";

const SECRET = `whsec_${btoa("a secret of thirty-two bytes or so")}`;
const OTHER = `whsec_${btoa("another secret of thirty-two bytes")}`;
const BODY = JSON.stringify({
  type: "verification.approved",
  timestamp: "2026-11-23T15:45:55.120Z",
  data: { id: "vrf_3n9bzjphnsjg5qgs0jdxagb1w0", to: "+6281234567890", metadata: { name: "Zoë" } },
});

function headersOf(body: string, secret = SECRET, at = new Date()): Record<string, string> {
  return {
    "webhook-id": "evt_1",
    "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
    "webhook-signature": new Webhook(secret).sign("evt_1", at, body),
  };
}

describe("verifyEvent", () => {
  it("reads a signed event, whose type says what its data is", () => {
    const event = verifyEvent(BODY, headersOf(BODY), SECRET);
    expect(event).toEqual(JSON.parse(BODY));
    // Compiles only because the type narrows.
    expect(event.type === "verification.approved" && event.data.to).toBe("+6281234567890");
  });

  it.each([
    ["fetch's Headers", (headers: Record<string, string>) => new Headers(headers)],
    [
      "Node's, in capitals and lists",
      (headers: Record<string, string>) =>
        Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), [value]])),
    ],
  ])("reads %s, and a body of bytes", (_, toHeaders) => {
    const bytes = new TextEncoder().encode(BODY);
    expect(verifyEvent(bytes, toHeaders(headersOf(BODY)), SECRET)).toEqual(JSON.parse(BODY));
  });

  it("accepts any of several secrets, in either order", () => {
    for (const secrets of [
      [OTHER, SECRET],
      [SECRET, OTHER],
    ]) {
      expect(verifyEvent(BODY, headersOf(BODY), secrets).type).toBe("verification.approved");
    }
  });

  it("accepts the two signatures of a secret that is being replaced", () => {
    const headers = headersOf(BODY);
    const both = `${new Webhook(OTHER).sign("evt_1", new Date(), BODY)} ${headers["webhook-signature"]}`;
    expect(verifyEvent(BODY, { ...headers, "webhook-signature": both }, SECRET).type).toBeDefined();
  });

  it.each([
    ["of another secret", BODY, headersOf(BODY, OTHER)],
    ["of another body", BODY.replace("approved", "failed"), headersOf(BODY)],
    ["without headers", BODY, {}],
    ["of six minutes ago", BODY, headersOf(BODY, SECRET, new Date(Date.now() - 360_000))],
  ])("rejects a request %s with a WebhookVerificationError", (_, body, headers) => {
    expect(() => verifyEvent(body, headers, SECRET)).toThrow(WebhookVerificationError);
  });

  it.each([[undefined], [""], [[]], ["not a secret"]])(
    "rejects no secret, and a text that is none, with a TypeError: %o",
    (secret) => {
      expect(() => verifyEvent(BODY, headersOf(BODY), secret)).toThrow(TypeError);
    },
  );
});

describe("verifyEvents", () => {
  const events = ["evt_1", "evt_2"].map((id) => Object.assign({ id }, JSON.parse(BODY)));
  const batch = JSON.stringify({ type: "batch", data: events });

  it("reads the events of a signed batch in their order, each with its id", () => {
    const read = verifyEvents(batch, headersOf(batch), SECRET);
    expect(read).toEqual(events);
    // Compiles only because the type narrows.
    expect(read.map((event) => event.type === "verification.approved" && event.data.to)).toEqual([
      "+6281234567890",
      "+6281234567890",
    ]);
  });

  it("reads a request of one event, whose id is that of the request", () => {
    const headers = headersOf(BODY);
    const one = [Object.assign({ id: "evt_1" }, JSON.parse(BODY))];
    expect(verifyEvents(BODY, headers, SECRET)).toEqual(one);
    expect(verifyEvents(BODY, new Headers(headers), SECRET)).toEqual(one);
    const capitals = Object.entries(headers).map(([name, value]) => [name.toUpperCase(), [value]]);
    expect(verifyEvents(BODY, Object.fromEntries(capitals), SECRET)).toEqual(one);
  });

  it("rejects a batch that is not signed, and verifyEvent one that is, so that none is lost", () => {
    expect(() => verifyEvents(batch, headersOf(batch, OTHER), SECRET)).toThrow(WebhookVerificationError);
    expect(() => verifyEvent(batch, headersOf(batch), SECRET)).toThrow("verifyEvents");
  });
});
