import { describe, expect, it } from "vitest";
import { readAmount, toAmountText } from "../../../src/http/twilio-verify/amount.ts";

describe("An amount of Twilio", () => {
  it.each([
    ["39.99", "39.99", "XXX"],
    ["1,000", "1000", "XXX"],
    ["1,234,567.8901", "1234567.8901", "XXX"],
    ["€39.99", "39.99", "EUR"],
    ["39.99 €", "39.99", "EUR"],
    ["£5", "5", "GBP"],
    ["$5.00", "5.00", "USD"],
    ["¥500", "500", "JPY"],
    ["₹1,000", "1000", "INR"],
    ["Rp 150000", "150000", "IDR"],
    ["R$ 10.50", "10.50", "BRL"],
    ["10.50R$", "10.50", "BRL"],
    ["USD 1,000.00", "1000.00", "USD"],
    ["1000.00 IDR", "1000.00", "IDR"],
  ])("%s is read as %s %s", (text, amount, currency) => {
    expect(readAmount(text)).toEqual({ amount, currency });
  });

  it.each([
    "",
    "€",
    "-1",
    "1.000,00",
    "1,00",
    "1,0000",
    "1.",
    ".5",
    "1.00000",
    "1234567890123456",
    "1,234,567,890,123,456",
    "eur 1",
    "EURO 1",
    "€1€",
    "1 2",
    "1e3",
    "US$1",
  ])("%j is none", (text) => {
    expect(readAmount(text)).toBeNull();
  });

  it.each([
    ["XXX", "1000.00"],
    ["EUR", "EUR 1000.00"],
  ])("in %s is shown as %s where the request does not spell it", (currency, text) => {
    expect(toAmountText({ amount: "1000.00", currency, payee: "Acme" })).toBe(text);
  });
});
