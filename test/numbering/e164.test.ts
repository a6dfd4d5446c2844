import fc from "fast-check";
import { parsePhoneNumberFromString } from "libphonenumber-js/max";
import metadata from "libphonenumber-js/max/metadata";
import { describe, expect, it } from "vitest";
import { countryOf, type E164, maskNumber, numberUseOf, parseE164 } from "../../src/numbering/e164.ts";
import { parseWaId } from "../../src/numbering/subscriber.ts";
import { CALLING_CODES, digits, numbersOf, SHARED_CALLING_CODES } from "./numbers.ts";

describe("a wa_id", () => {
  it("a wa_id in Mexico's former spelling is parsed as the current number", () => {
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
    ["a range that is missing from the metadata", "+12505550199", "+1********99"],
  ])("a phone number from %s is parsed, and masked", (_, text, masked) => {
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
    ["an unassigned country code", "+999123456789"],
    ["a country code with a zero", "+0123456789"],
    ["too few digits for its country", "+1201555393"],
    ["too many for its country", "+120155539311"],
    ["fewer digits than any country", "+628123"],
    ["more digits than E.164", "+6281234567890123"],
    ["spaces", "+62 812 3456 7890"],
    ["hyphens", "+62-812-3456-7890"],
    ["brackets", "+1(201)5553931"],
    ["a trunk zero after the country code", "+4407911123456"],
    ["a trunk zero where the plan has room for it", "+4903012345678"],
    ["an Argentine mobile in domestic dialling", "+5411151234567"],
    ["white space before it", " +6281234567890"],
    ["a line after it", "+6281234567890\n"],
    ["an extension", "+12015553931;ext=12"],
    ["an extension in words", "+12015553931x12"],
    ["a URI", "tel:+12015553931"],
    ["letters for digits", "+1800FLOWERS"],
    ["digits of another script", "+٦٢٨١٢٣٤٥٦٧٨٩٠"],
    ["a full-width plus", "\uff0b6281234567890"],
    ["two numbers", "+6281234567890,+12015553931"],
  ])("a phone number is not parsed from %s", (_, text) => {
    expect(parseE164(text)).toBeNull();
  });

  it.each(["", "+6281234567890", "0", "62", "ID.13491208655302741918", "6281234567890 ", "user name"])(
    "%j is not parsed as WhatsApp's id of a user",
    (text) => {
      expect(parseWaId(text)).toBeNull();
    },
  );

  it("a masked number shows its calling code, two digits and its length", () => {
    const masked = maskNumber("+6281234567890" as E164);
    expect(masked).toHaveLength("+6281234567890".length);
    expect(masked.replaceAll("*", "")).toBe("+6290");
  });
});

describe("a country", () => {
  it.each<[string, string | null, string]>([
    ["+442079460000", "GB", "the main country of a calling code"],
    ["+441481960194", "GG", "Guernsey"],
    ["+441534440000", "JE", "Jersey"],
    ["+447624012345", "IM", "the Isle of Man"],
    ["+3581812345", "AX", "Åland"],
    ["+4779123456", "SJ", "Svalbard"],
    ["+390669812345", "VA", "the Vatican, behind a zero"],
    ["+390612345678", "IT", "Italy, behind the same"],
    ["+77012345678", "KZ", "Kazakhstan"],
    ["+79123456789", "RU", "Russia"],
    ["+12045550123", "CA", "Canada"],
    ["+12685550123", "AG", "Antigua"],
    ["+18002345678", "US", "North America, toll-free, which its countries share"],
    ["+12505550199", "CA", "a range that is missing from the metadata"],
    ["+525512345678", "MX", "a calling code that is one country's"],
    ["+870773111632", null, "a satellite"],
    ["+80012345678", null, "a service"],
    ["+979123456789", null, "a service at a premium"],
  ])("the country of %s is %s: %s", (number, country) => {
    expect(parseE164(number)).toBe(number);
    expect(countryOf(number as E164)).toBe(country);
  });
});

describe("our parser compared with libphonenumber", { timeout: 30_000 }, () => {
  it("parseE164, countryOf and maskNumber agree with libphonenumber for every calling code at every length", () => {
    fc.assert(
      fc.property(digits(15, 15), (rest) => {
        for (let callingCode = 1; callingCode <= 999; callingCode += 1)
          for (let length = 5; length <= 16; length += 1)
            assertAgreement(`+${callingCode}${rest}`.slice(0, length + 1));
      }),
      { numRuns: 2 },
    );
  });

  it("parseE164, countryOf and maskNumber agree with libphonenumber at the edges of every plan", () => {
    for (const callingCode of CALLING_CODES)
      fc.assert(fc.property(numbersOf(callingCode), assertAgreement), { numRuns: 100 });
  });

  it("countryOf agrees with libphonenumber where countries share a calling code", () => {
    for (const callingCode of SHARED_CALLING_CODES)
      fc.assert(fc.property(numbersOf(callingCode), assertAgreement), { numRuns: 1500 });
  });
});

describe("the use of a number", () => {
  it("the use of a number is the type that libphonenumber returns, in every country and of every type", () => {
    type Packed = Record<string, readonly [string, ...unknown[]]>;
    const TYPES = 11;
    let compared = 0;
    for (const plan of Object.values(metadata.countries as unknown as Packed)) {
      for (const kind of (plan[TYPES] ?? []) as readonly ([string] | 0)[]) {
        if (!kind || kind[0] === "") continue;
        const numbers = fc.stringMatching(new RegExp(`^(?:${kind[0]})$`));
        for (const national of fc.sample(numbers, { numRuns: 3, seed: 5 })) {
          const to = `+${plan[0]}${national}`;
          const parsed = parsePhoneNumberFromString(to);
          const type = parsed?.number === to && parsed.getType();
          if (!type) continue;
          compared += 1;
          expect([to, numberUseOf(to as E164)]).toEqual([
            to,
            {
              mobile: type === "MOBILE" || type === "FIXED_LINE_OR_MOBILE",
              premiumRate: type === "PREMIUM_RATE",
            },
          ]);
        }
      }
    }
    expect(compared).toBeGreaterThan(2000);
  });
});

function assertAgreement(text: string): void {
  expect(answerOf(text), text).toBe(libraryAnswerOf(text));
}

function answerOf(text: string): string | null {
  const number = parseE164(text);
  return number && `${number} ${countryOf(number)} ${maskNumber(number).replace(/\*.*$/, "")}`;
}

/** The library also parses looser spellings and longer numbers: only what it formats unchanged counts as E.164. */
function libraryAnswerOf(text: string): string | null {
  const parsed = text.length < 8 || text.length > 16 ? undefined : parsePhoneNumberFromString(text);
  if (parsed?.number !== text || !parsed.isPossible()) return null;
  return `${text} ${parsed.country ?? null} +${parsed.countryCallingCode}`;
}
