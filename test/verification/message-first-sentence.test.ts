import { describe, expect, it } from "vitest";
import { drawToken, findToken, showToken } from "../../src/codes/token.ts";
import { Keyring } from "../../src/platform/keyring.ts";
import { ANSWERS } from "../../src/verification/message-first/answers.ts";
import { sentenceOf, waMeUrl } from "../../src/verification/message-first/sentence.ts";
import { SENTENCES } from "../../src/verification/message-first/sentences.ts";

const keyring = new Keyring("a secret of at least thirty-two characters");
const LANGUAGES = Object.keys(SENTENCES);
const LONG = { amount: "123456789012345.1234", currency: "IDR", payee: "Perusahaan ".repeat(13).trim() };

describe("The sentence that a user sends", () => {
  it.each(LANGUAGES)("in %s stays under 200 characters, holds the token, and has no gap left", (locale) => {
    for (const purpose of ["signup", "login", "recovery", "donation"]) {
      for (const brand of [
        null,
        "Example Shop",
        "A very long name of an app that no team would choose for it",
      ]) {
        for (const bind of [null, LONG]) {
          const { token } = drawToken(keyring);
          const text = sentenceOf(token, { purpose, bind, brand, locale });
          expect(text.length).toBeLessThan(200);
          expect(text).toContain(showToken(token));
          expect(findToken(keyring, text)?.token).toBe(token);
          expect(text).not.toMatch(/[[\]{}]|\s\s|undefined/);
          if (bind !== null) expect(text).toContain("123456789012345.1234 IDR");
        }
      }
    }
  });

  it("in English names what it confirms, the app, and amount and payee of a payment", () => {
    const { token } = drawToken(keyring);
    const shared = { brand: "Example Shop", locale: "en-GB" };
    const bind = { amount: "150000.00", currency: "IDR", payee: "Toko\nMaju" };
    expect(sentenceOf(token, { ...shared, purpose: "signup", bind: null })).toBe(
      `Confirm my sign-up at Example Shop: ${showToken(token)}. If somebody asked you to send this, do not.`,
    );
    expect(sentenceOf(token, { ...shared, purpose: "transaction", bind })).toContain(
      "Confirm my payment of 150000.00 IDR to Toko Maju at Example Shop",
    );
  });

  it("goes into a wa.me address without a plus sign, encoded", () => {
    expect(waMeUrl("+12065550100", "a b&c?")).toBe("https://wa.me/12065550100?text=a%20b%26c%3F");
  });

  it("has an answer in every language, whose button WhatsApp shows whole", () => {
    expect(Object.keys(ANSWERS)).toEqual(LANGUAGES);
    for (const { notMe } of Object.values(ANSWERS)) expect(notMe.length).toBeLessThanOrEqual(20);
  });
});
