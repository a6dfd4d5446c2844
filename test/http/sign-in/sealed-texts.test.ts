import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { lifetimeSeconds, type SealedKind, SealedTexts } from "../../../src/http/sign-in/sealed-texts.ts";
import { Keyring } from "../../../src/platform/keyring.ts";

const KINDS: readonly SealedKind[] = ["request", "flow", "code", "access_token"];
const SECRET = "a secret of these tests, long enough for a key";
const texts = new SealedTexts(new Keyring(SECRET));
const AT = 1_800_000_000_000;

describe.each(KINDS)("a sealed %s", (kind) => {
  const content = { clientId: "cli_shop", scope: "openid phone" };
  const sealed = texts.seal(kind, content, AT);

  it("opens as what was sealed until its time is over", () => {
    const end = AT + lifetimeSeconds(kind) * 1000;
    expect(texts.open(kind, sealed, AT)).toEqual(content);
    expect(texts.open(kind, sealed, end - 1)).toEqual(content);
    expect(texts.open(kind, sealed, end)).toBeNull();
  });

  it("stands in for no other kind", () => {
    const others = KINDS.filter((other) => other !== kind);
    expect(others.map((other) => texts.open(other, sealed, AT))).toEqual([null, null, null]);
  });

  it("does not open once any of its characters is changed or it is cut", () => {
    for (let at = 0; at < sealed.length; at += 7) {
      const other = sealed[at] === "A" ? "B" : "A";
      const changed = sealed.slice(0, at) + other + sealed.slice(at + 1);
      expect(texts.open(kind, changed, AT), `character ${at}`).toBeNull();
    }
    for (let length = 0; length < sealed.length; length += 5) {
      expect(texts.open(kind, sealed.slice(0, length), AT), `${length} characters`).toBeNull();
    }
  });

  it("does not open under another deployment's secret, and opens under the previous one of a rotation", () => {
    const rotated = new SealedTexts(new Keyring("another secret, which is long enough as well", SECRET));
    const foreign = new SealedTexts(new Keyring("another secret, which is long enough as well"));
    expect(rotated.open(kind, sealed, AT)).toEqual(content);
    expect(foreign.open(kind, sealed, AT)).toBeNull();
  });

  it("shows nothing of its content, and differs each time", () => {
    expect(Buffer.from(sealed, "base64url").toString("latin1")).not.toContain("cli_shop");
    expect(texts.seal(kind, content, AT)).not.toBe(sealed);
  });

  it("is no random text", () => {
    for (let length = 0; length < 200; length += 1) {
      expect(texts.open(kind, randomBytes(length).toString("base64url"), AT)).toBeNull();
    }
  });
});
