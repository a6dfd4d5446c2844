import type { Binding } from "../../codes/code.ts";
import { showToken, type Token } from "../../codes/token.ts";
import type { Wording } from "./wording.ts";

/** What a sentence says. */
export interface Confirmed {
  readonly purpose: string;
  readonly bind: Binding | null;
  /** The name that users know; null for an app that has none. */
  readonly brand: string | null;
}

/** A QR code of more than this is hard to scan; WhatsApp would take more. */
const LONGEST_SENTENCE = 199;

/** What is left of a name that has to be shortened. */
const SHORTEST_NAME = 8;

/**
 * The text that the user sends: what they confirm, at whose app, the token, and a warning. A person who was sent the link
 * by a stranger reads here what it would do; amount and payee stand in it for a payment (PSD2 RTS, Delegated Regulation
 * (EU) 2018/389, article 5(1)(a)). Long names are shortened.
 */
export function sentenceOf(token: Token, confirmed: Confirmed, wording: Wording): string {
  const { warning } = wording;
  const action = wording[kindOf(confirmed)];
  const { bind } = confirmed;
  const amount = bind === null ? "" : `${bind.amount} ${bind.currency}`;
  let [brand, payee] = [oneLine(confirmed.brand ?? ""), oneLine(bind?.payee ?? "")];
  for (;;) {
    const text = `${fill(action, { brand, amount, payee })}: ${showToken(token)}. ${warning}`;
    if (text.length <= LONGEST_SENTENCE) return text;
    const isPayeeLonger = payee.length >= brand.length;
    if (Math.max(payee.length, brand.length) <= SHORTEST_NAME) return text;
    if (isPayeeLonger) payee = shortened(payee);
    else brand = shortened(brand);
  }
}

/** The address that opens WhatsApp with the text; `wa.me` takes the digits of a number without its plus sign. */
export function waMeUrl(sender: string, text: string): string {
  return `https://wa.me/${sender.replace(/\D/g, "")}?text=${encodeURIComponent(text)}`;
}

/** Fills the names in; what is in square brackets is left out where there is no brand. */
export function fill(words: string, names: Readonly<Record<string, string>>): string {
  return words
    .replace(/\[(.*?)\]/g, names.brand === "" ? "" : "$1")
    .replace(/\{(\w+)\}/g, (_, name: string) => names[name] ?? "");
}

/** A name on one line, so that it cannot look like more of the sentence. */
export function oneLine(name: string): string {
  return name.replace(/[\s\p{C}]+/gu, " ").trim();
}

function kindOf({ purpose, bind }: Confirmed): "signup" | "login" | "recovery" | "payment" | "other" {
  if (bind !== null) return "payment";
  return purpose === "signup" || purpose === "login" || purpose === "recovery" ? purpose : "other";
}

/** One character less, with an ellipsis at its end; surrogate pairs stay whole. */
function shortened(name: string): string {
  return `${[...name.replace(/…$/, "")].slice(0, -1).join("").trimEnd()}…`;
}
