import * as z from "zod";
import { type MessagePrices, whatsAppPrices } from "./whatsapp-prices.ts";

/** The country of every price that is not about a country of its own. */
const ELSEWHERE = "*";

/** WhatsApp spells some categories with a hyphen in one place and an underscore in another. */
const category = z
  .string()
  .regex(/^[a-z_-]{1,40}$/, "is not a price category such as authentication or sms")
  .transform((text) => text.replaceAll("_", "-"));

/** A team's own prices in US dollars: by country or `default`, then by price category or `sms`. */
export const priceTable = z
  .record(
    z.string().regex(/^([A-Z]{2}|default)$/, "is neither a country's code such as GB nor default"),
    z.record(category, z.number().min(0, "is negative")),
  )
  .transform(
    ({ default: elsewhere, ...byCountry }): MessagePrices =>
      elsewhere === undefined ? byCountry : { ...byCountry, [ELSEWHERE]: elsewhere },
  );

/**
 * The prices of a deployment: the team's own, then WhatsApp's rate card. A price that the team gives for every other
 * country replaces the card's price of a country as well.
 */
export function pricesWith(own: MessagePrices): MessagePrices {
  const card = whatsAppPrices();
  const countries = new Set([...Object.keys(card), ...Object.keys(own)]);
  return Object.fromEntries(
    [...countries].map((country) => [
      country,
      { ...card[ELSEWHERE], ...card[country], ...own[ELSEWHERE], ...own[country] },
    ]),
  );
}

/** The price of a message; null for a category that the table does not have. */
export function priceOf(prices: MessagePrices, country: string, priceCategory: string): number | null {
  const name = priceCategory.replaceAll("_", "-");
  return prices[country]?.[name] ?? prices[ELSEWHERE]?.[name] ?? null;
}

/** The table as rows for a query, with `*` for every other country. */
export function priceRows(
  prices: MessagePrices,
): readonly (readonly [country: string, category: string, usd: number])[] {
  return Object.entries(prices).flatMap(([country, byCategory]) =>
    Object.entries(byCategory).map(([name, usd]) => [country, name, usd] as const),
  );
}
