import { Buffer } from "node:buffer";
import { Webhook } from "standardwebhooks";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { signWebhook, verifyWebhook } from "../../src/platform/standard-webhooks.ts";
import { newSecret } from "../../src/webhook-endpoints/secrets.ts";

const SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
const ID = "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W";
const BODY = '{"type":"verification.approved","timestamp":"2026-11-22T10:00:00Z","data":{"id":"vrf_1"}}';
const AT = 1_795_341_600_000;
const SIGNATURE = "v1,BSKLcBFIqg6ijs1rJN9lzXooFCXxOZU2NH46KCU2Tas=";

beforeEach(() => void vi.useFakeTimers({ now: AT, toFake: ["Date"] }));
afterEach(() => void vi.useRealTimers());

describe("a signed webhook request", () => {
  it("has the headers that Standard Webhooks documents", () => {
    expect(signWebhook(ID, AT + 999, BODY, [SECRET])).toEqual({
      "webhook-id": ID,
      "webhook-timestamp": "1795341600",
      "webhook-signature": SIGNATURE,
    });
  });

  it("has a signature for each secret, and verifies with any of them", () => {
    const other = newSecret();
    const headers = signWebhook(ID, AT, BODY, [other, SECRET]);
    expect(headers["webhook-signature"]?.split(" ")).toEqual([expect.stringMatching(/^v1,/), SIGNATURE]);
    for (const secret of [other, SECRET]) expect(new Webhook(secret).verify(BODY, headers)).toBeTruthy();
    expect(() => new Webhook(newSecret()).verify(BODY, headers)).toThrow("No matching signature");
  });
});

describe("the signature of a received webhook request", () => {
  const bytes = new TextEncoder().encode(BODY);
  const headers = (changes: Record<string, string> = {}) =>
    new Headers({
      "webhook-id": ID,
      "webhook-timestamp": "1795341600",
      "webhook-signature": SIGNATURE,
      ...changes,
    });

  it("is accepted among signatures of other versions, while its time is within five minutes of now", () => {
    const reference = new Webhook(SECRET).sign(ID, new Date(AT), BODY);
    const signed = headers({ "webhook-signature": `v2,xyz v1,${"A".repeat(43)}= ${reference}` });
    for (const now of [AT, AT + 300_000, AT - 300_000]) {
      vi.setSystemTime(now);
      expect(verifyWebhook(signed, bytes, SECRET)).toBe(AT);
    }
    for (const now of [AT + 301_000, AT - 301_000]) {
      vi.setSystemTime(now);
      expect(verifyWebhook(signed, bytes, SECRET)).toBeNull();
    }
  });

  it.each([
    ["another id", { "webhook-id": "msg_2" }],
    ["no id", { "webhook-id": "" }],
    ["another time", { "webhook-timestamp": "1795341601" }],
    ["a time followed by other characters", { "webhook-timestamp": "1795341600x" }],
    ["another version", { "webhook-signature": SIGNATURE.replace("v1", "v1a") }],
    ["a signature cut short", { "webhook-signature": SIGNATURE.slice(0, -8) }],
    ["no signature", { "webhook-signature": "" }],
  ])("is refused with %s", (_, changes) => {
    expect(verifyWebhook(headers(changes), bytes, SECRET)).toBeNull();
  });

  it("is refused with another secret and with one byte changed", () => {
    expect(verifyWebhook(headers(), bytes, newSecret())).toBeNull();
    expect(verifyWebhook(headers(), bytes.with(5, 0), SECRET)).toBeNull();
    expect(verifyWebhook(headers(), bytes, SECRET)).toBe(AT);
  });

  it.each([
    ["bytes that are not UTF-8", "\ufffd", [0xff]],
    ["a byte order mark before the signed body", "", [0xef, 0xbb, 0xbf]],
  ])("is refused for %s, which a lenient decoder reads as the signed text", (_, text, raw) => {
    const signature = new Webhook(SECRET).sign(ID, new Date(AT), text + BODY);
    const signed = headers({ "webhook-signature": signature });
    expect(verifyWebhook(signed, new TextEncoder().encode(text + BODY), SECRET)).toBe(AT);
    expect(verifyWebhook(signed, Uint8Array.from([...raw, ...bytes]), SECRET)).toBeNull();
  });
});

describe("a new webhook secret", () => {
  it("is 32 random bytes in the format of Standard Webhooks", () => {
    const secrets = Array.from({ length: 100 }, newSecret);
    expect(new Set(secrets).size).toBe(100);
    for (const secret of secrets) {
      expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
      expect(Buffer.from(secret.slice(6), "base64")).toHaveLength(32);
    }
  });
});
