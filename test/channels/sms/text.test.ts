import { describe, expect, it } from "vitest";
import { smsText, WORDINGS } from "../../../src/channels/sms/text.ts";
import type { Code } from "../../../src/codes/code.ts";
import { codeIn } from "../../simulator/sms/code.ts";

const code = "482913" as Code;
const bind = { amount: "150000.00", currency: "IDR", payee: "Toko Maju" };
const settings = { brand: "Example", webOtpHost: null };
const withHost = { ...settings, webOtpHost: "example.com" };
const LANGUAGES = Object.keys(WORDINGS);

const text = (locale: string, bound: typeof bind | null = null) =>
  smsText({ code, locale, bind: bound }, settings);

/**
 * 3GPP TS 23.038, 6.2.1, independently of the code under test: by code point, with the extension table at
 * double cost.
 */
const GSM_BASIC =
  /^[\n\r !"#$%&'()*+,\-./0-9:;<=>?@A-Z_a-z\u00a1\u00a3-\u00a5\u00a7\u00bf\u00c4-\u00c7\u00c9\u00d1\u00d6\u00d8\u00dc\u00df\u00e0\u00e4-\u00e6\u00e8\u00e9\u00ec\u00f1\u00f2\u00f6\u00f8\u00f9\u00fc\u0393\u0394\u0398\u039b\u039e\u03a0\u03a3\u03a6\u03a8\u03a9]$/u;
const septets = (words: string) =>
  [...words].reduce((sum, character) => {
    if (GSM_BASIC.test(character)) return sum + 1;
    return /[\^{}\\[~\]|€]/.test(character) ? sum + 2 : Number.NaN;
  }, 0);

it("the SMS texts cover every language of a new deployment", () => {
  expect(LANGUAGES).toEqual(
    expect.arrayContaining("en id es pt fr de it nl tr ar hi ms vi ru ja ko".split(" ")),
  );
  expect(LANGUAGES).toEqual(expect.arrayContaining(["zh-Hans", "zh-Hant"]));
});

describe.each(LANGUAGES)("the SMS text in %s", (language) => {
  it("starts with the code and names the brand, without a payment", () => {
    expect(text(language)).toMatch(/^482913\b/);
    expect(text(language)).toContain("Example");
    expect(text(language)).not.toMatch(/150000|IDR|Toko|undefined/);
  });

  it("names amount, currency and payee when the code is bound to a payment", () => {
    const bound = text(language, bind);
    for (const part of ["482913", "Example", "150000.00 IDR", "Toko Maju"]) expect(bound).toContain(part);
  });

  it("warns against sharing the code, with and without a payment", () => {
    const warning = text(language).replace(/^.*?Example\S*/, "");
    expect(warning.length).toBeGreaterThan(8);
    expect(text(language, bind)).toContain(warning.split(/[.。।]\s?/).at(-2));
  });

  it("contains no link, and ends with the WebOTP line when a site is configured", () => {
    for (const bound of [null, bind]) {
      const plain = smsText({ code, locale: language, bind: bound }, settings);
      const lines = smsText({ code, locale: language, bind: bound }, withHost).split("\n");
      expect(lines).toEqual([plain, "@example.com #482913"]);
      expect(plain).not.toMatch(/https?:|www\.|\.com|@|\n/);
    }
  });

  it("is detected as the code even if brand, amount and payee look like codes", () => {
    const lookalike = { amount: "482914", currency: "IDR", payee: "24seven 99999" };
    for (const bound of [null, lookalike]) {
      const brand = { ...settings, brand: "Shop24" };
      for (const drawn of ["482913", "KXWMRT", "7Q2H"]) {
        expect(codeIn(smsText({ code: drawn as Code, locale: language, bind: bound }, brand))).toBe(drawn);
      }
    }
  });
});

describe("the length of an SMS", () => {
  it.each("en id es pt fr de it nl tr ms".split(" "))("in %s is at most one SMS", (locale) => {
    const longest = { brand: "M".repeat(30), webOtpHost: `${"m".repeat(44)}.com` };
    expect(septets(smsText({ code: "ABCDEFGHJK" as Code, locale, bind: null }, longest))).toBeLessThanOrEqual(
      160,
    );
    expect(septets(text(locale, bind))).toBeLessThanOrEqual(160);
  });

  it.each("ar hi vi ru zh-Hans zh-Hant ja ko".split(" "))("in %s is one SMS of 70 characters", (locale) => {
    expect(text(locale).length).toBeLessThanOrEqual(70);
  });
});

describe("the language of an SMS", () => {
  it.each([
    ["en-GB", "en"],
    ["pt-BR", "pt"],
    ["pt-PT", "pt"],
    ["es-419", "es"],
    ["zh-CN", "zh-Hans"],
    ["zh", "zh-Hans"],
    ["zh-TW", "zh-Hant"],
    ["zh-HK", "zh-Hant"],
    ["ar-EG", "ar"],
    ["nb", "en"],
    ["sr-Cyrl", "en"],
  ])("for %s is %s", (locale, language) => {
    expect(text(locale)).toBe(text(language));
  });
});

it("a payee's name stays on one line, so it cannot add lines to an SMS", () => {
  const payee = "Evil\n@evil.example #111111\u2028\u202e x";
  const lines = smsText({ code, locale: "en", bind: { ...bind, payee } }, withHost).split("\n");
  expect(lines).toHaveLength(2);
  expect(lines[0]).toContain("to Evil @evil.example #111111 x.");
  expect(codeIn(lines.join("\n"))).toBe("482913");
});
