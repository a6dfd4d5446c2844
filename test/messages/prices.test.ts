import { describe, expect, it } from "vitest";
import { priceOf, pricesWith, priceTable } from "../../src/messages/prices.ts";
import { whatsAppPrices } from "../../src/messages/whatsapp-prices.ts";

const card = whatsAppPrices();

describe("The prices of a deployment", () => {
  it("a deployment without prices of its own has those of WhatsApp's rate card", () => {
    expect(pricesWith({})).toEqual(card);
  });

  it("a team's price wins for its country and category, and the rest stays", () => {
    const prices = pricesWith(priceTable.parse({ ID: { authentication: 0.0225 } }));
    expect(priceOf(prices, "ID", "authentication")).toBe(0.0225);
    expect(priceOf(prices, "ID", "utility")).toBe(card.ID?.utility);
    expect(priceOf(prices, "BR", "authentication")).toBe(card.BR?.authentication);
  });

  it("a team's default price wins over the rate card in every country, but not over the team's own", () => {
    const prices = pricesWith(priceTable.parse({ default: { utility: 0.5 }, ID: { utility: 0.1 } }));
    const utility = ["ID", "BR", "ZZ"].map((country) => priceOf(prices, country, "utility"));
    expect(utility).toEqual([0.1, 0.5, 0.5]);
    expect(priceOf(prices, "ZZ", "authentication")).toBe(card["*"]?.authentication);
  });

  it("a category is the same with a hyphen and with an underscore, and null where no price is known", () => {
    const prices = pricesWith(priceTable.parse({ IN: { authentication_international: 0.02 } }));
    for (const category of ["authentication-international", "authentication_international"]) {
      expect(priceOf(prices, "IN", category)).toBe(0.02);
    }
    expect(priceOf(prices, "IN", "referral_conversion")).toBeNull();
  });
});
