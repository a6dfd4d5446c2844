import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { isSignedByMeta } from "../../../src/channels/whatsapp/webhook.ts";

const SECRET = "an app secret";
const body = new TextEncoder().encode('{"object":"whatsapp_business_account","name":"Zoë"}');

function sign(bytes: Uint8Array, secret = SECRET): string {
  return `sha256=${createHmac("sha256", secret).update(bytes).digest("hex")}`;
}

describe("a WhatsApp webhook's signature", () => {
  it("equals an example computed with openssl", () => {
    // printf 'hello' | openssl dgst -sha256 -hmac 'an app secret'
    const hex = "6e04d592d5a7dacc75b6aad48ca128a27e6926f9355ef12cd65a4e2693a2ec8a";
    expect(isSignedByMeta(new TextEncoder().encode("hello"), `sha256=${hex}`, SECRET)).toBe(true);
  });

  it("is valid for the signed bytes, including an empty body", () => {
    expect(isSignedByMeta(body, sign(body), SECRET)).toBe(true);
    expect(isSignedByMeta(new Uint8Array(), sign(new Uint8Array()), SECRET)).toBe(true);
  });

  it("may be upper case", () => {
    expect(isSignedByMeta(body, `sha256=${sign(body).slice(7).toUpperCase()}`, SECRET)).toBe(true);
  });

  it("covers the bytes, not the text that they decode to", () => {
    const broken = new Uint8Array([0x7b, 0xff, 0xfe, 0xc3, 0x7d]);
    const otherwiseBroken = new Uint8Array([0x7b, 0xfe, 0xff, 0xc3, 0x7d]);
    const decoder = new TextDecoder();
    expect(decoder.decode(broken)).toBe(decoder.decode(otherwiseBroken));
    expect(isSignedByMeta(broken, sign(broken), SECRET)).toBe(true);
    expect(isSignedByMeta(otherwiseBroken, sign(broken), SECRET)).toBe(false);
  });

  it("covers a part of a larger buffer only", () => {
    const part = new Uint8Array([0, ...body, 0]).subarray(1, -1);
    expect(isSignedByMeta(part, sign(body), SECRET)).toBe(true);
  });

  it("is invalid after any byte of the body has changed", () => {
    const signature = sign(body);
    for (const index of body.keys()) {
      const forged = body.map((byte, at) => (at === index ? byte ^ 1 : byte));
      expect(isSignedByMeta(forged, signature, SECRET)).toBe(false);
    }
    expect(isSignedByMeta(body.subarray(1), signature, SECRET)).toBe(false);
    expect(isSignedByMeta(new Uint8Array(), signature, SECRET)).toBe(false);
  });

  it("is invalid after any of its digits has changed", () => {
    const hex = sign(body).slice(7);
    for (let index = 0; index < hex.length; index += 1) {
      const digit = hex[index] === "0" ? "1" : "0";
      expect(
        isSignedByMeta(body, `sha256=${hex.slice(0, index)}${digit}${hex.slice(index + 1)}`, SECRET),
      ).toBe(false);
    }
  });

  it.each([
    ["another secret", sign(body, "another secret")],
    ["no header", undefined],
    ["an empty header", ""],
    ["no digits", "sha256="],
    ["digits alone", sign(body).slice(7)],
    ["one digit too few", sign(body).slice(0, -1)],
    ["one digit too many", `${sign(body)}0`],
    ["half of the digits", sign(body).slice(0, 7 + 32)],
    ["letters that are no digits", `sha256=${"g".repeat(64)}`],
    ["zeros", `sha256=${"0".repeat(64)}`],
    ["another algorithm's name", sign(body).replace("sha256", "sha1")],
    ["a line after it", `${sign(body)}\n`],
    ["a space before it", ` ${sign(body)}`],
    ["two of them", `${sign(body)}, ${sign(body)}`],
  ])("is invalid with %s", (_, header) => {
    expect(isSignedByMeta(body, header, SECRET)).toBe(false);
  });
});
