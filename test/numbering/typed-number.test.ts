import { describe, expect, it } from "vitest";
import { callingCodes, readTypedNumber } from "../../src/numbering/typed-number.ts";

describe("a typed number", () => {
  it.each([
    ["+6281234567890", null, "+6281234567890"],
    ["+62 812-3456-7890", "US", "+6281234567890"],
    ["0062 812 3456 7890", "US", "+6281234567890"],
    ["0812-3456-7890", "ID", "+6281234567890"],
    ["81234567890", "ID", "+6281234567890"],
    ["6281234567890", "ID", "+6281234567890"],
    ["+62 0812 3456 7890", null, "+6281234567890"],
    ["+33 (0)6 12 34 56 78", null, "+33612345678"],
    ["06.12.34.56.78", "FR", "+33612345678"],
    ["06 1234 5678", "IT", "+390612345678"],
    ["+39 06 1234 5678", null, "+390612345678"],
    ["07 07 12 34 56", "CI", "+2250707123456"],
    ["8 (912) 345-67-89", "RU", "+79123456789"],
    ["(11) 91234-5678", "BR", "+5511912345678"],
    ["\u202a+62 812\u202c 3456\u00a07890\u200f", null, "+6281234567890"],
    ["٠٨١٢٣٤٥٦٧٨٩٠", "ID", "+6281234567890"],
    ["+९१ ९८७६५ ४३२१०", null, "+919876543210"],
    ["＋６２８１２３４５６７８９０", null, "+6281234567890"],
    ["", "ID", null],
    ["+", "ID", null],
    ["++6281234567890", "ID", null],
    ["81234567890", null, null],
    ["81234567890", "XX", null],
    ["0812", "ID", null],
    ["call me", "ID", null],
    ["0812 3456 7890 ext 5", "ID", null],
    ["+62812345678901234567", null, null],
    ["9".repeat(65), "ID", null],
  ])("%j in %s is read as %s", (text, country, number) => {
    expect(readTypedNumber(text, country)).toBe(number);
  });

  it("may be one of every country that has phone numbers", () => {
    const codes = callingCodes();
    expect([codes.get("ID"), codes.get("US"), codes.get("CA"), codes.get("KZ")]).toEqual([
      "62",
      "1",
      "1",
      "7",
    ]);
    expect(codes.size).toBeGreaterThan(230);
  });
});
