import { html } from "hono/html";
import type { Identity } from "./relying-party.ts";
import type { Session } from "./sessions.ts";

/** What a user of the shop pays for, as RFC 9396 spells it. */
export const ORDER = { type: "payment", amount: "150000.00", currency: "IDR", payee: "Toko Maju" } as const;

const PRICE = new Intl.NumberFormat("en", { style: "currency", currency: ORDER.currency }).format(
  Number(ORDER.amount),
);

export interface ShopView extends Omit<Session, "pending"> {
  /** Where the phone simulator is. */
  readonly phone: string;
  /** Languages of the page of sign-in. */
  readonly languages: readonly string[];
}

type Markup = ReturnType<typeof html>;

/** The shop's only page. */
export function shopPage({ user, receipt, fault, languages, phone }: ShopView): Markup {
  const title = receipt !== null ? "Paid" : user !== null ? "Signed in" : "Sample shop";
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${fault === null ? title : `Error: ${title}`} · Toko Maju</title>
<link rel="stylesheet" href="/shop/style.css">
<script src="/shop/phone.js" defer></script>
</head>
<body>
<header>
<span class="name"><span class="mark" aria-hidden="true">TM</span>Toko Maju</span>
${user === null ? "" : html`<form method="post" action="/shop/sign-out"><button class="small">Sign out</button></form>`}
</header>
<main>
${fault === null ? "" : html`<p class="fault" role="alert">${fault}</p>`}
${receipt !== null ? paid(receipt) : user !== null ? signedIn(user) : welcome(languages)}
${receipt !== null ? "" : order(user !== null)}
${told(receipt ?? user)}
</main>
<footer>
<p>This shop is a sample. Its codes arrive on the <a href="${phone}" target="phone">phone simulator</a>.</p>
</footer>
</body>
</html>`;
}

function signedIn({ claims }: Identity): Markup {
  return html`<section class="card good" aria-labelledby="signed-in">
<h1 id="signed-in">You are signed in</h1>
<p>Your number is <strong>${claims.phone_number}</strong>.</p>
</section>`;
}

function welcome(languages: readonly string[]): Markup {
  return html`<section class="card" aria-labelledby="welcome">
<h1 id="welcome">Welcome</h1>
<p>Sign in with your phone number. There is no password: a code comes over WhatsApp.</p>
<form action="/shop/sign-in">
<button class="main">Sign in with WhatsApp</button>
<p class="language">
<label for="language">Language of the page</label>
<select id="language" name="ui_locales">
<option value="">As the browser says</option>
${languages.map((tag) => html`<option value="${tag}" lang="${tag}">${nameOf(tag)}</option>`)}
</select>
</p>
</form>
</section>`;
}

function order(isSignedIn: boolean): Markup {
  return html`<section class="card" aria-labelledby="order">
<h2 id="order">Your order</h2>
<p class="item"><span>Gayo coffee, 1 kg</span> <strong>${PRICE}</strong></p>
<form method="post" action="/shop/pay">
<button class="${isSignedIn ? "main" : "plain"}">Pay ${PRICE}</button>
</form>
</section>`;
}

function paid(receipt: Identity): Markup {
  return html`<section class="card good" aria-labelledby="paid">
<h1 id="paid">Paid</h1>
<p>${PRICE} to ${ORDER.payee}, confirmed from <strong>${receipt.claims.phone_number}</strong>. The code was good for this amount and this payee alone.</p>
</section>`;
}

/** The claims in the order in which a reader asks for them; the others come after these. */
const FIRST = ["phone_number", "phone_number_verified", "authorization_details", "sub", "amr", "acr"];

/** What the provider said of the last sign-in or payment. */
function told(identity: Identity | null): Markup | string {
  if (identity === null) return "";
  const { claims, userInfo } = identity;
  const names = Object.keys(claims).toSorted((a, b) => rank(a) - rank(b));
  return html`<section class="card" aria-labelledby="claims">
<h2 id="claims">What the ID token tells the shop</h2>
<dl>
${names.map((name) => html`<div><dt>${name}</dt><dd>${spell(name, claims[name])}</dd></div>`)}
</dl>
<details><summary>The answer of userinfo</summary>
<pre tabindex="0">${JSON.stringify(userInfo, null, 2)}</pre>
</details>
</section>`;
}

function rank(name: string): number {
  const place = FIRST.indexOf(name);
  return place < 0 ? FIRST.length : place;
}

function spell(name: string, value: unknown): string {
  if (["iat", "exp", "auth_time"].includes(name) && typeof value === "number") {
    return `${value} (${new Date(value * 1_000).toISOString().slice(11, 19)} UTC)`;
  }
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** A language in its own words. */
function nameOf(tag: string): string {
  return new Intl.DisplayNames([tag], { type: "language" }).of(tag) ?? tag;
}
