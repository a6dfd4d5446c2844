import { html } from "hono/html";
import type { Localization, WordKey } from "./words.ts";

/** A part of a page: escaped markup, or a text that will be escaped. */
export type Node = ReturnType<typeof html> | string | readonly Node[];

/** Something that the page says, with what fills its gaps. */
export interface Saying {
  readonly key: WordKey;
  readonly values?: Readonly<Record<string, Node>>;
}

/** What a saying is in a language. */
export function say(
  { words }: Localization,
  key: WordKey,
  values: Readonly<Record<string, Node>> = {},
): Node {
  // Odd parts are the names in braces.
  return words[key].split(/\{(\w+)\}/).map((part, index) => (index % 2 === 0 ? part : (values[part] ?? "")));
}

/** A number, a code or an address: written from left to right in every language. */
export function leftToRight(text: string): Node {
  return html`<bdi dir="ltr">${text}</bdi>`;
}

/** A name that someone chose, whichever way it is written. */
export function isolated(text: string): Node {
  return html`<bdi>${text}</bdi>`;
}

/** A time of the day as the user's language writes it, where they are; in UTC, and marked so, where that is not known. */
export function timeOfDay(time: number, { locale }: Localization, timeZone: string | null): Node {
  const zone = timeZone === null ? { timeZone: "UTC", timeZoneName: "short" as const } : { timeZone };
  const format = new Intl.DateTimeFormat(locale, { hour: "numeric", minute: "2-digit", ...zone });
  return html`<time datetime="${new Date(time).toISOString()}"><bdi>${format.format(time)}</bdi></time>`;
}

/** An amount with its currency's code, with all of its digits: what is confirmed is what is shown. */
export function moneyOf(amount: string, currency: string, { locale }: Localization): Node {
  const [, decimals = ""] = amount.split(".");
  const format = new Intl.NumberFormat(locale, {
    style: "currency",
    currency,
    currencyDisplay: "code",
    minimumFractionDigits: decimals.length,
    maximumFractionDigits: decimals.length,
  });
  // As a text, since a number would round an amount of 15 digits.
  return isolated(format.format(amount as `${number}`));
}
