import { type CountryCode, getCountries, getCountryCallingCode } from "libphonenumber-js/max";
import { describe, expect, it } from "vitest";
import { whatsAppPrices } from "../../src/messages/whatsapp-prices.ts";
import card from "./whatsapp-rates-2026-10-01-usd.csv?raw";

/** Countries of +1 and +7 that Meta's card tells apart by the digits after the calling code. */
const LONGER_CODES: Partial<Record<CountryCode, string>> = {
  BS: "1242",
  BB: "1246",
  AI: "1264",
  AG: "1268",
  VG: "1284",
  KY: "1345",
  BM: "1441",
  GD: "1473",
  TC: "1649",
  MS: "1664",
  SX: "1721",
  LC: "1758",
  DM: "1767",
  VC: "1784",
  PR: "1787",
  DO: "1809",
  TT: "1868",
  KN: "1869",
  JM: "1876",
  KZ: "77",
};

const rows = card
  .trim()
  .split("\n")
  .slice(1)
  .map((line) => {
    const [market = "", codes = "", ...prices] = line.split(",");
    const [authentication, international, utility, service, marketing] = prices.map(Number);
    return {
      market,
      codes: codes.split(" "),
      prices: {
        authentication,
        "authentication-international": international || authentication,
        utility,
        service,
        marketing,
      },
    };
  });

const rowOf = (code: string) => rows.find(({ codes }) => codes.includes(code));

describe("Meta's rate card", () => {
  const prices = whatsAppPrices();

  it.each(getCountries())("has the price of %s that its calling code has on the card", (country) => {
    const code = LONGER_CODES[country] ?? getCountryCallingCode(country);
    const row = rowOf(code) ?? rowOf("*");
    expect(prices[country] ?? prices["*"]).toEqual(row?.prices);
  });

  it("names no country that has no calling code", () => {
    const countries = new Set<string>(getCountries());
    expect(Object.keys(prices).filter((country) => country !== "*" && !countries.has(country))).toEqual([]);
  });
});
