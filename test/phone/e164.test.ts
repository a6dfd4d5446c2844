import { describe, expect, it } from "vitest";
import { type E164, maskNumber, parseE164, parseWaId } from "../../src/phone/e164.ts";

describe("a wa_id", () => {
  it("in a spelling that its country has given up is the number of today", () => {
    expect(parseWaId("5215512345678")).toBe("+525512345678");
    expect(parseE164("+5215512345678")).toBeNull();
  });
});

describe("a phone number", () => {
  it.each([
    ["Indonesia", "+6281234567890", "+62*********90"],
    ["United States", "+12015553931", "+1********31"],
    ["Germany, mobile", "+4915112345678", "+49*********78"],
    ["United Kingdom", "+447911123456", "+44********56"],
    ["Italy, with its zero", "+390612345678", "+39********78"],
    ["Brazil, with the ninth digit", "+5511912345678", "+55*********78"],
    ["Brazil, without it", "+551112345678", "+55********78"],
    ["Argentina, mobile", "+5491123456789", "+54*********89"],
    ["Mexico", "+525512345678", "+52********78"],
    ["China", "+8613812345678", "+86*********78"],
    ["India", "+911234567890", "+91********90"],
    ["a landline", "+442079460000", "+44********00"],
    ["a satellite phone", "+870773111632", "+870*******32"],
    ["Saint Helena, the shortest", "+2904123", "+290**23"],
    ["a range that no table has yet", "+12505550199", "+1********99"],
  ])("from %s is read, and shown masked", (_, text, masked) => {
    expect(parseE164(text)).toBe(text);
    expect(maskNumber(text as E164)).toBe(masked);
    expect(parseWaId(text.slice(1))).toBe(text);
  });

  it.each([
    ["nothing", ""],
    ["a plus alone", "+"],
    ["no plus", "6281234567890"],
    ["two of them", "++6281234567890"],
    ["the international prefix", "006281234567890"],
    ["a national number", "081234567890"],
    ["a country code that is none", "+999123456789"],
    ["a country code with a zero", "+0123456789"],
    ["too few digits for its country", "+1201555393"],
    ["too many for its country", "+120155539311"],
    ["fewer digits than any country", "+628123"],
    ["more digits than E.164", "+6281234567890123"],
    ["spaces", "+62 812 3456 7890"],
    ["hyphens", "+62-812-3456-7890"],
    ["brackets", "+1(201)5553931"],
    ["a trunk zero after the country code", "+4407911123456"],
    ["white space before it", " +6281234567890"],
    ["a line after it", "+6281234567890\n"],
    ["an extension", "+12015553931;ext=12"],
    ["an extension in words", "+12015553931x12"],
    ["a URI", "tel:+12015553931"],
    ["letters for digits", "+1800FLOWERS"],
    ["digits of another script", "+٦٢٨١٢٣٤٥٦٧٨٩٠"],
    ["a full-width plus", "\uff0b6281234567890"],
    ["two numbers", "+6281234567890,+12015553931"],
  ])("is not read from %s", (_, text) => {
    expect(parseE164(text)).toBeNull();
  });

  it.each(["", "+6281234567890", "0", "62", "ID.13491208655302741918", "6281234567890 ", "user name"])(
    "is not read from %j as WhatsApp's id of a user",
    (text) => {
      expect(parseWaId(text)).toBeNull();
    },
  );

  it("shows no more than its country and two digits, and its length, when it is masked", () => {
    const masked = maskNumber("+6281234567890" as E164);
    expect(masked).toHaveLength("+6281234567890".length);
    expect(masked.replaceAll("*", "")).toBe("+6290");
  });
});
