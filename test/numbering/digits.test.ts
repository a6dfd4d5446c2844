import { expect, it } from "vitest";
import { foldDigits } from "../../src/numbering/digits.ts";

const DECIMAL = /^\p{Nd}+$/u;

it("every decimal digit of Unicode is folded to its value, as Intl writes it in each numbering system", () => {
  const formatted = new Map<string, string>();
  for (const system of Intl.supportedValuesOf("numberingSystem")) {
    const format = new Intl.NumberFormat("en", { numberingSystem: system, useGrouping: false });
    for (let value = 0; value <= 9; value += 1) formatted.set(format.format(value), String(value));
  }
  const decimal = [...formatted].filter(([text]) => DECIMAL.test(text));
  expect(decimal.length).toBeGreaterThan(500);
  for (const [text, value] of decimal) expect([text, foldDigits(text)]).toEqual([text, value]);
});

it("the decimal digits of Unicode come in runs of ten, and each run folds to 0123456789", () => {
  let digits = "";
  for (let codePoint = 0; codePoint <= 0x10ffff; codePoint += 1) {
    const character = String.fromCodePoint(codePoint);
    if (DECIMAL.test(character)) digits += character;
  }
  expect(foldDigits(digits)).toMatch(/^(?:0123456789){60,}$/);
});

it("everything but decimal digits stays as it is", () => {
  expect(foldDigits("+62 ½ ① ² 十 x ٣")).toBe("+62 ½ ① ² 十 x 3");
});
