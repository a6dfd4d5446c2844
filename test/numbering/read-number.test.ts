import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseE164 } from "../../src/numbering/e164.ts";
import { readNumber } from "../../src/numbering/read-number.ts";

const NUMBER = "+6281299900011";

describe("a phone number as people type it", () => {
  it.each([
    ["plain", "+6281299900011"],
    ["copied from contacts, between direction marks", "\u202a+6281299900011\u202c"],
    ["with isolates", "\u2066+6281299900011\u2069"],
    ["with left-to-right marks", "\u200e+62\u200e81299900011\u200f"],
    ["with zero-width spaces and joiners", "+62\u200b812\u200d9990\u20600011"],
    ["with a byte order mark", "\ufeff+6281299900011"],
    ["with soft hyphens and a variation selector", "+62\u00ad812\u00ad99900011\ufe0e"],
    ["with spaces and hyphens", "+62 812-9990-0011"],
    ["with no-break and thin spaces", "+62\u00a0812\u20099990\u202f0011"],
    ["with white space around it", "\t +6281299900011\r\n"],
    ["with every kind of hyphen", "+62‐812‑99–90−00—11"],
    ["with dots and round brackets", "+62 (812) 9990.0011"],
    ["in full width", "＋６２（８１２）９９９０－００１１"],
    ["in Arabic digits", "+٦٢٨١٢٩٩٩٠٠٠١١"],
    ["in Persian digits", "+۶۲۸۱۲۹۹۹۰۰۰۱۱"],
    ["in Devanagari digits", "+६२८१२९९९०००११"],
  ])("a phone number %s is read", (_, text) => {
    expect(readNumber(text)).toEqual({ kind: "number", number: NUMBER });
  });

  it.each([
    ["without a plus", "6281299900011", /plus sign/],
    ["with the international prefix", "006281299900011", /plus sign/],
    ["with a national number", "0812-9990-0011", /plus sign/],
    ["with nothing", "", /plus sign/],
    ["with marks alone", "\u202a\u202c", /plus sign/],
    ["with a trunk zero", "+490176123456", /0 of national calls/],
    ["with a trunk zero in brackets", "+44 (0)20 7946 0000", /0 of national calls/],
    ["with too few digits", "+62812", /not possible/],
    ["with a letter", "+62812999x0011", /"x" \(U\+0078\)/],
    ["with letters for digits", "+1800FLOWERS", /"F" \(U\+0046\)/],
    ["with two numbers", "+6281299900011/+6281299900012", /"\/" \(U\+002F\)/],
    ["with two plus signs", "++6281299900011", /"\+" \(U\+002B\)/],
    ["with a plus at the end", "6281299900011+", /"\+" \(U\+002B\)/],
    ["with an extension", "+12015553931;ext=12", /";" \(U\+003B\)/],
    ["with a digit in a circle", "+62812999000①1", /"①" \(U\+2460\)/],
    ["with a control character", "+62812\u000099900011", /The character U\+0000 is/],
    ["with half a character", "+62812\ud80099900011", /The character U\+D800 is/],
    ["with endless spaces", `+6281299900011${" ".repeat(60)}`, /64 characters/],
  ])("a phone number %s is refused, and the fault names the reason", (_, text, fault) => {
    expect(readNumber(text)).toEqual({ kind: "fault", fault: expect.stringMatching(fault) });
  });

  it("a phone number is read as the strict parser reads it once its marks and separators are gone", () => {
    const noise = fc.array(fc.constantFrom("", " ", "-", ".", "(", ")", "\u202a", "\u200b", "\u00a0"), {
      minLength: 14,
      maxLength: 14,
    });
    const digits = fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: 6, maxLength: 13 });
    fc.assert(
      fc.property(digits, noise, (text, marks) => {
        const noisy = `+${[...text].map((digit, at) => `${marks[at]}${digit}`).join("")}`;
        const strict = parseE164(`+${text}`);
        const reading = readNumber(noisy);
        expect(reading.kind === "number" ? reading.number : null).toBe(strict);
      }),
    );
  });
});
