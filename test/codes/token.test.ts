import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  drawToken,
  findToken,
  looksLikeToken,
  openToken,
  sealToken,
  showToken,
} from "../../src/codes/token.ts";
import { Keyring } from "../../src/platform/keyring.ts";

const SECRET = "a secret of at least thirty-two characters";
const keyring = new Keyring(SECRET);

describe("A token", () => {
  it("has 13 characters of Crockford's alphabet, in groups, and no two are the same", () => {
    const tokens = Array.from({ length: 1_000 }, () => drawToken(keyring).token);
    for (const token of tokens) expect(token).toMatch(/^[0-9A-HJKMNP-TV-Z]{13}$/);
    expect(new Set(tokens).size).toBe(1_000);
    expect(tokens.map(showToken).every((shown) => /^.{5}-.{5}-.{3}$/.test(shown))).toBe(true);
  });

  it("is found in any text, in any case, with any separators, and with the letters that its digits look like", () => {
    const around = fc
      .string({ maxLength: 60, unit: "grapheme" })
      .filter((text) => !/[\p{L}\p{Nd}]/u.test(text));
    void fc.assert(
      fc.property(
        around,
        around,
        fc.constantFrom("-", " ", "", ".", "–", "\n"),
        fc.boolean(),
        (before, after, separator, isLower) => {
          const { token, name } = drawToken(keyring);
          const shown = showToken(token).replaceAll("-", separator).replaceAll("0", "O").replaceAll("1", "l");
          const text = `Confirm ${before}${isLower ? shown.toLowerCase() : shown}${after} please`;
          expect(findToken(keyring, text)).toEqual({ token, name });
        },
      ),
    );
  });

  it("is found where letters stand right beside it", () => {
    const { token } = drawToken(keyring);
    expect(findToken(keyring, `mytokenis${token}thanks`)?.token).toBe(token);
  });

  it("of another deployment, or with one character changed, is none", () => {
    const other = new Keyring("another secret of at least thirty-two chars");
    for (let draw = 0; draw < 200; draw += 1) {
      const { token } = drawToken(keyring);
      expect(findToken(other, token)).toBe(null);
      const changed = token.slice(0, 12) + (token.endsWith("7") ? "8" : "7");
      if (changed !== token) expect(findToken(keyring, changed)).toBe(null);
      expect(looksLikeToken(showToken(token))).toBe(true);
    }
  });

  it("drawn before a rotation of the secret key is found after it, and leads to the same object", () => {
    const { token, name } = drawToken(keyring);
    const rotated = new Keyring("the new secret of at least thirty-two chars", SECRET);
    expect(findToken(rotated, token)).toEqual({ token, name });
  });

  it("is opened by this deployment, for its owner alone", () => {
    const { token } = drawToken(keyring);
    const sealed = sealToken(keyring, "owner", token);
    expect(sealed).not.toContain(token);
    expect(openToken(keyring, "owner", sealed)).toBe(token);
    expect(() => openToken(keyring, "another", sealed)).toThrow();
  });

  it("is looked for only in the beginning of a text, so that a long one costs little", () => {
    const { token } = drawToken(keyring);
    expect(findToken(keyring, `${"7".repeat(16_000)}${token}`)).toBe(null);
  });
});
