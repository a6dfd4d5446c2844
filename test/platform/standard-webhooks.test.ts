import { Buffer } from "node:buffer";
import { Webhook } from "standardwebhooks";
import { afterEach, describe, expect, it, vi } from "vitest";
import { signWebhook, verifyWebhook } from "../../src/platform/standard-webhooks.ts";
import { newSecret } from "../../src/webhook-endpoints/secrets.ts";

const SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
const ID = "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W";
const BODY = '{"type":"verification.approved","timestamp":"2026-11-22T10:00:00Z","data":{"id":"vrf_1"}}';
const AT = 1_795_341_600_000;
const SIGNATURE = "v1,BSKLcBFIqg6ijs1rJN9lzXooFCXxOZU2NH46KCU2Tas=";

afterEach(() => void vi.useRealTimers());

describe("the headers of Standard Webhooks", () => {
  it("are those of the reference implementation", () => {
    expect(signWebhook(ID, AT + 999, BODY, [SECRET])).toEqual({
      "webhook-id": ID,
      "webhook-timestamp": "1795341600",
      "webhook-signature": SIGNATURE,
    });
  });

  it("carry a signature for each secret, and satisfy whoever knows either", () => {
    vi.useFakeTimers({ now: AT, toFake: ["Date"] });
    const other = newSecret();
    const headers = signWebhook(ID, AT, BODY, [other, SECRET]);
    expect(headers["webhook-signature"]?.split(" ")).toEqual([expect.stringMatching(/^v1,/), SIGNATURE]);
    for (const secret of [other, SECRET]) expect(new Webhook(secret).verify(BODY, headers)).toBeTruthy();
    expect(() => new Webhook(newSecret()).verify(BODY, headers)).toThrow("No matching signature");
  });
});

describe("a request", () => {
  const bytes = new TextEncoder().encode(BODY);
  const headers = (changes: Record<string, string> = {}) =>
    new Headers({
      "webhook-id": ID,
      "webhook-timestamp": "1795341600",
      "webhook-signature": SIGNATURE,
      ...changes,
    });

  it("signed by the reference implementation is accepted, for as long as its clock may be off", () => {
    const reference = new Webhook(SECRET).sign(ID, new Date(AT), BODY);
    const signed = headers({ "webhook-signature": `v2,xyz v1,${"A".repeat(43)}= ${reference}` });
    for (const now of [AT, AT + 300_000, AT - 300_000])
      expect(verifyWebhook(signed, bytes, SECRET, now)).toBe(AT);
    for (const now of [AT + 301_000, AT - 301_000])
      expect(verifyWebhook(signed, bytes, SECRET, now)).toBeNull();
  });

  it.each([
    ["another id", { "webhook-id": "msg_2" }],
    ["no id", { "webhook-id": "" }],
    ["another time", { "webhook-timestamp": "1795341601" }],
    ["a time that only begins with its own", { "webhook-timestamp": "1795341600x" }],
    ["another version", { "webhook-signature": SIGNATURE.replace("v1", "v1a") }],
    ["a signature cut short", { "webhook-signature": SIGNATURE.slice(0, -8) }],
    ["no signature", { "webhook-signature": "" }],
  ])("with %s is refused", (_, changes) => {
    expect(verifyWebhook(headers(changes), bytes, SECRET, AT)).toBeNull();
  });

  it("is refused with another secret, and with another byte", () => {
    expect(verifyWebhook(headers(), bytes, newSecret(), AT)).toBeNull();
    expect(verifyWebhook(headers(), bytes.with(5, 0), SECRET, AT)).toBeNull();
    expect(verifyWebhook(headers(), bytes, SECRET, AT)).toBe(AT);
  });
});

describe("a secret", () => {
  it("is 32 random bytes in the spelling that receivers expect", () => {
    const secrets = Array.from({ length: 100 }, newSecret);
    expect(new Set(secrets).size).toBe(100);
    for (const secret of secrets) {
      expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
      expect(Buffer.from(secret.slice(6), "base64")).toHaveLength(32);
    }
  });
});
