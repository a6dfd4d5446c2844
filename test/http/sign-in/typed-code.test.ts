import { describe, expect, it } from "vitest";
import { findCode } from "../../../src/http/sign-in/typed-code.ts";

const DIGITS = { codeLength: 6, codeAlphabet: "digits" } as const;
const LETTERS = { codeLength: 6, codeAlphabet: "letters_digits" } as const;

describe("the code in what was typed", () => {
  it.each([
    ["482913", "482913"],
    [" 482 913 ", "482913"],
    ["482-913", "482913"],
    ["482.913", "482913"],
    ["٤٨٢٩١٣", "482913"],
    ["४८२ ९१३", "482913"],
    ["４８２９１３", "482913"],
    ["Your code is 482 913.", "482913"],
    ["482913 is your Shop24 code. Do not share it.", "482913"],
    ["Shop 24: 482913", "482913"],
    ["Pay 150000.00 to Toko Maju: 482913", "482913"],
    ["Your code is 482913, valid for 5 minutes", "482913"],
    ["48291", "48291"],
    ["4829134", "4829134"],
    ["call me", "CALLME"],
    ["", null],
    [" - ", null],
    ["1".repeat(513), null],
  ])("%j is %s where codes are six digits", (text, code) => {
    expect(findCode(text, DIGITS)).toBe(code);
  });

  it.each([
    ["7kq4m2", "7KQ4M2"],
    ["7KQ-4M2", "7KQ4M2"],
    ["Your code is 7KQ4M2.", "7KQ4M2"],
    ["Please use 7kq4m2 soon", "7KQ4M2"],
  ])("%j is %s where codes are letters and digits", (text, code) => {
    expect(findCode(text, LETTERS)).toBe(code);
  });
});
