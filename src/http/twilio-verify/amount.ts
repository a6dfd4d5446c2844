import * as z from "zod";
import type { Binding } from "../../codes/code.ts";
import { described } from "../../platform/documented.ts";
import { TwilioProblem } from "./errors.ts";
import type { Service } from "./services.ts";

/** Symbols that stand for one currency; in a request without a currency, ISO 4217's code for none does. */
const CURRENCIES: Readonly<Record<string, string>> = {
  "€": "EUR",
  "£": "GBP",
  $: "USD",
  "¥": "JPY",
  "₹": "INR",
  Rp: "IDR",
  R$: "BRL",
};
const NO_CURRENCY = "XXX";

const NUMBER = String.raw`(\d{1,15}|\d{1,3}(?:,\d{3}){1,4})(\.\d{1,4})?`;
const CURRENCY = String.raw`([A-Z]{3}|R\$|Rp|[€£$¥₹])`;
const BEFORE = new RegExp(`^(?:${CURRENCY}\\s*)?${NUMBER}$`);
const AFTER = new RegExp(`^${NUMBER}\\s*${CURRENCY}$`);

type Money = Pick<Binding, "amount" | "currency">;

/** Reads an amount such as `€39.99`, `1,500.00 USD` or `Rp 150000`; null for any other text. */
export function readAmount(text: string): Money | null {
  const before = BEFORE.exec(text);
  if (before !== null) {
    const [, currency, whole = "", fraction = ""] = before;
    return money(whole + fraction, currency);
  }
  const [match, whole = "", fraction = "", currency] = AFTER.exec(text) ?? [];
  return match === undefined ? null : money(whole + fraction, currency);
}

function money(number: string, currency: string | undefined): Money {
  const code = currency === undefined ? NO_CURRENCY : (CURRENCIES[currency] ?? currency);
  return { amount: number.replaceAll(",", ""), currency: code };
}

/** `Amount` and `Payee` of a start or a check. */
export const bindingFields = {
  Amount: z
    .string()
    .max(64)
    .refine(
      (text) => readAmount(text) !== null,
      "Give a number such as 1500.00 or 1,500.00, with an ISO 4217 code or a symbol such as € before or after it.",
    )
    .optional()
    .meta(
      described({ description: "Only with `Payee`. Part of the binding of the code.", examples: ["€39.99"] }),
    ),
  Payee: z
    .string()
    .min(1)
    .max(140)
    .optional()
    .meta(described({ description: "Only with `Amount`.", examples: ["Acme Inc."] })),
};

interface GivenBinding {
  readonly Amount?: string | undefined;
  readonly Payee?: string | undefined;
}

/** The binding of a request; null without one. Throws a problem where it is incomplete, or missing and required. */
export function bindingOf({ Amount, Payee }: GivenBinding, { policy }: Service): Binding | null {
  if (Amount === undefined && Payee === undefined && !policy.bindRequired) return null;
  const read = Amount === undefined ? null : readAmount(Amount);
  if (read !== null && Payee !== undefined) return { ...read, payee: Payee };
  throw new TwilioProblem("invalid_request", BINDING_MISSING, {
    detail: "Amount and Payee are required together.",
  });
}

const BINDING_MISSING = 60206;

/** A binding as answers show it, where the request that is answered names none. */
export function toAmountText({ amount, currency }: Binding): string {
  return currency === NO_CURRENCY ? amount : `${currency} ${amount}`;
}
