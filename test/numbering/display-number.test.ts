import { env } from "cloudflare:workers";
import fc from "fast-check";
import { parsePhoneNumberFromString } from "libphonenumber-js/max";
import { describe, expect, it } from "vitest";
import { Words } from "../../src/http/sign-in/page/words.ts";
import { displayNumber } from "../../src/numbering/display-number.ts";
import { type E164, parseE164 } from "../../src/numbering/e164.ts";
import { CALLING_CODES, numbersOf } from "./numbers.ts";

describe("a number that is shown", () => {
  it("has its calling code and the groups of its country, as libphonenumber has them, in every plan", async () => {
    const { numberFormats } = await new Words(env.ASSETS).localize([]);
    const shown = (number: string) => displayNumber(number as E164, numberFormats);
    expect(["+6281234567890", "+15005550006"].map(shown)).toEqual(["+62 812 3456 7890", "+1 500 555 0006"]);
    for (const callingCode of CALLING_CODES) {
      const numbers = numbersOf(callingCode).filter((text) => parseE164(text) !== null);
      const assertGroups = (number: string) => {
        expect(shown(number)).toBe(parsePhoneNumberFromString(number)?.formatInternational());
      };
      fc.assert(fc.property(numbers, assertGroups), { numRuns: 20 });
    }
  });
});
