import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { namesOf } from "../../src/ids/phone-number-name.ts";
import { type E164, parseE164 } from "../../src/numbering/e164.ts";
import { formerSpellingOf, parseWaId, subscriberOf } from "../../src/numbering/subscriber.ts";
import { Keyring } from "../../src/platform/keyring.ts";
import { CALLING_CODES, numbersOf } from "./numbers.ts";

const keyring = new Keyring("a secret of at least 32 characters, 0123456789");
const nameOf = (to: string) => namesOf(keyring, to as E164)[0];

/** What an account is dialled as, and what WhatsApp calls it. */
const ACCOUNTS: readonly (readonly [country: string, dialled: string, waId: string])[] = [
  ["Brazil, made before the ninth digit", "+5584963712772", "558463712772"],
  ["Brazil, made after it", "+5584963712772", "5584963712772"],
  ["Brazil, São Paulo, 9 before a 9", "+5511998765432", "551198765432"],
  ["Brazil, before a 7", "+5521971234567", "552171234567"],
  ["Brazil, before an 8", "+5531981234567", "553181234567"],
  ["Mexico, with the former 1", "+525512345678", "5215512345678"],
  ["Mexico, without it", "+525512345678", "525512345678"],
  ["Côte d'Ivoire, Moov", "+2250140123456", "22540123456"],
  ["Côte d'Ivoire, MTN", "+2250504123456", "22504123456"],
  ["Côte d'Ivoire, Orange", "+2250707123456", "22507123456"],
  ["Côte d'Ivoire, ten digits", "+2250707123456", "2250707123456"],
  ["Benin, before the 01", "+2290197123456", "22997123456"],
  ["Benin, after it", "+2290197123456", "2290197123456"],
  ["Argentina, dialled with the 9", "+5491123456789", "5491123456789"],
  ["Indonesia", "+6281234567890", "6281234567890"],
];

/** Numbers that look like a former spelling and are another person's. */
const DISTINCT: readonly (readonly [what: string, number: string])[] = [
  ["a Brazilian landline that begins with 2", "+558421234567"],
  ["a Brazilian landline that begins with 3", "+551132345678"],
  ["a Brazilian landline that begins with 4", "+552142345678"],
  ["a Brazilian landline that begins with 5", "+551152345678"],
  ["a Brazilian toll-free number", "+558001234567"],
  ["a Mexican landline", "+523312345678"],
  ["an Ivorian landline", "+2252720212345"],
  ["an Argentine landline", "+541123456789"],
  ["a number of another country with the same digits after its code", "+628463712772"],
];

describe("a subscriber", () => {
  it.each(ACCOUNTS)("a subscriber in %s dialled as %s is the one with the id %s", (_, dialled, waId) => {
    expect(parseE164(dialled)).toBe(dialled);
    expect(parseWaId(waId)).toBe(dialled);
    expect(nameOf(parseWaId(waId) ?? "")).toBe(nameOf(dialled));
  });

  it.each(DISTINCT)("%s, %s, is its own subscriber", (_, number) => {
    expect(parseE164(number)).toBe(number);
    expect(subscriberOf(number as E164)).toBe(number);
    expect(parseWaId(number.slice(1))).toBe(number);
  });

  it("a Brazilian mobile number dialled without the ninth digit is the subscriber with it", () => {
    expect(subscriberOf("+558463712772" as E164)).toBe("+5584963712772");
    expect(nameOf("+558463712772")).toBe(nameOf("+5584963712772"));
  });

  it("an Argentine mobile number and the landline that it looks like without its 9 stay two subscribers", () => {
    expect(nameOf("+5491123456789")).not.toBe(nameOf("+541123456789"));
  });

  it("the spelling of a subscriber is final, and possible wherever the dialled number is", () => {
    for (const callingCode of CALLING_CODES) {
      const property = fc.property(numbersOf(callingCode), (text) => {
        const number = parseE164(text);
        if (number === null) return;
        const subscriber = subscriberOf(number);
        expect(subscriberOf(subscriber)).toBe(subscriber);
        expect(parseE164(subscriber), text).toBe(subscriber);
        expect(parseWaId(text.slice(1))).toBe(subscriber);
      });
      fc.assert(property, { numRuns: 50 });
    }
  });
});

describe("the names of a number's object", () => {
  it("the names of a number's object are the same for both of its spellings, the current one first", () => {
    const rotating = new Keyring(
      "the next secret of at least 32 characters",
      "a secret of at least 32 characters",
    );
    const names = namesOf(rotating, "+5584963712772" as E164);
    expect(namesOf(rotating, "+558463712772" as E164)).toEqual(names);
    expect(new Set(names).size).toBe(4);
  });

  it("the names of a number's object end in the one that builds without subscribers gave to its short spelling", () => {
    const former = formerSpellingOf(subscriberOf("+5584963712772" as E164));
    expect(former).toBe("+558463712772");
    const [mac] = keyring.mac("number", former ?? "");
    expect(namesOf(keyring, "+5584963712772" as E164)).toHaveLength(2);
    // 80 bits are 16 characters of five bits each.
    const bits = [...mac.subarray(0, 10)].map((byte) => byte.toString(2).padStart(8, "0")).join("");
    const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
    const name = bits
      .match(/.{5}/g)
      ?.map((five) => alphabet[Number.parseInt(five, 2)])
      .join("");
    expect(namesOf(keyring, "+5584963712772" as E164)[1]).toBe(name);
  });

  it.each(["+6281234567890", "+558432123456", "+525512345678", "+2290197123456"])(
    "the object of %s has one name",
    (number) => {
      expect(namesOf(keyring, number as E164)).toHaveLength(1);
    },
  );
});
