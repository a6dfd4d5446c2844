import { Buffer } from "node:buffer";
import { createHmac, hkdfSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { Keyring } from "../../src/platform/keyring.ts";

const CURRENT = "the current secret of a deployment, 0123456789";
const FORMER = "the former secret of a deployment, 9876543210";

const keyring = new Keyring(CURRENT);
const before = new Keyring(FORMER);
const rotating = new Keyring(CURRENT, FORMER);

const USES = ["number", "code", "request"] as const;

describe("a MAC", () => {
  it("a MAC is HMAC-SHA-256 under a key that HKDF derives for its use", () => {
    for (const use of USES) {
      const key = Buffer.from(hkdfSync("sha256", CURRENT, "", `sandi/${use}/1`, 32));
      expect(keyring.mac(use, "text")).toEqual([createHmac("sha256", key).update("text").digest()]);
    }
  });

  it("a MAC is deterministic and differs by use, text and secret", () => {
    const macs = [keyring, before].flatMap((ring) =>
      USES.flatMap((use) => ["", "a", "b", "Zoë", "Zoe"].flatMap((text) => ring.mac(use, text))),
    );
    expect(new Set(macs.map((mac) => mac.toString("hex"))).size).toBe(macs.length);
    expect(keyring.mac("code", "a")).toEqual(new Keyring(CURRENT).mac("code", "a"));
  });

  it("a MAC is returned under both keys during a rotation, the current one first", () => {
    for (const use of USES) {
      expect(rotating.mac(use, "text")).toEqual([...keyring.mac(use, "text"), ...before.mac(use, "text")]);
    }
  });
});

describe("a sealed value", () => {
  it.each(["482913", "", "Zoë 🔑", "x".repeat(5000)])("a sealed value opens to its text: %j", (text) => {
    expect(keyring.open(keyring.seal(text, "context"), "context")).toBe(text);
  });

  it("a sealed value differs every time and does not contain its text", () => {
    const seals = Array.from({ length: 100 }, () => keyring.seal("482913", "context"));
    expect(new Set(seals.map((seal) => seal.slice(0, 16))).size).toBe(100);
    expect(new Set(seals.map((seal) => seal.slice(-8))).size).toBe(100);
    for (const seal of seals) {
      expect(seal).toMatch(/^[A-Za-z0-9_-]+$/);
      expect(Buffer.from(seal, "base64url").toString("latin1")).not.toContain("482913");
    }
  });

  it("a sealed value opens with its context and its secret only", () => {
    const sealed = keyring.seal("482913", "context");
    for (const context of ["", "Context", "context ", "contex", "another"]) {
      expect(() => keyring.open(sealed, context)).toThrow("does not open under any key");
    }
    expect(() => before.open(sealed, "context")).toThrow("does not open under any key");
  });

  it("a sealed value with a changed byte of nonce, tag or text does not open", () => {
    const bytes = Buffer.from(keyring.seal("482913", "context"), "base64url");
    expect(bytes).toHaveLength(12 + 16 + 6);
    for (const index of bytes.keys()) {
      for (const bit of [1, 0x80]) {
        const forged = Buffer.from(bytes);
        forged[index] = (bytes[index] ?? 0) ^ bit;
        expect(() => rotating.open(forged.toString("base64url"), "context")).toThrow();
      }
    }
  });

  it("a sealed value that is shortened or extended does not open", () => {
    const bytes = Buffer.from(keyring.seal("482913", "context"), "base64url");
    for (let length = 0; length < bytes.length; length += 1) {
      expect(() => rotating.open(bytes.subarray(0, length).toString("base64url"), "context")).toThrow();
    }
    const longer = Buffer.concat([bytes, Buffer.from([0])]).toString("base64url");
    expect(() => rotating.open(longer, "context")).toThrow();
  });

  it("the halves of two sealed values do not open together", () => {
    const [one, two] = ["111111", "222222"].map((text) => Buffer.from(keyring.seal(text, "c"), "base64url"));
    if (one === undefined || two === undefined) throw new Error("Two were sealed");
    const mixed = Buffer.concat([one.subarray(0, 28), two.subarray(28)]).toString("base64url");
    expect(() => keyring.open(mixed, "c")).toThrow();
  });

  it("a sealed value opens during a rotation of the secret, and new ones use the new secret", () => {
    expect(rotating.open(before.seal("482913", "context"), "context")).toBe("482913");
    const made = rotating.seal("482913", "context");
    expect(keyring.open(made, "context")).toBe("482913");
    expect(() => before.open(made, "context")).toThrow("does not open under any key");
    expect(() => keyring.open(before.seal("482913", "context"), "context")).toThrow(
      "does not open under any key",
    );
  });
});
