import { html, raw } from "hono/html";
import type { Binding } from "../../../codes/code.ts";
import { isolated, leftToRight, moneyOf, type Node, type Saying, say } from "./text.ts";
import type { Localization } from "./words.ts";

/** What a page of the flow shows besides what its step is about. */
export interface Step {
  readonly localization: Localization;
  /** The sealed flow, which the form carries. */
  readonly flow: string;
  readonly clientName: string;
  /** Where the answer goes: a host, or the scheme of an app. */
  readonly host: string;
  /** Whether the client learns the number, and not only that there is one. */
  readonly tellsNumber: boolean;
  readonly payment: Binding | null;
  /** What went wrong; the field that it is about is marked. */
  readonly fault: Saying | null;
}

/** A form with the flow in it. Each of its buttons names where it goes. */
export function flowForm(flow: string, action: string, content: Node): Node {
  return html`<form method="post" action="/oauth/authorize/${action}">
<input type="hidden" name="flow" value="${flow}">
${content}
</form>`;
}

/** Who gets the answer, which a user should read before they name their number and before they type the code. */
export function learnsNote({ tellsNumber, host, localization }: Step): Node {
  const key = tellsNumber ? "learns" : "learns_no_number";
  return html`<p id="learns" class="note">${say(localization, key, { host: leftToRight(host) })}</p>`;
}

/** The amount and the payee of a payment, which the code then confirms (PSD2 RTS article 5). */
/** What the user is here for: to sign in, or to confirm a payment. */
export function purposeOf(
  { payment, localization }: Pick<Step, "payment" | "localization">,
  client: Node,
): Node {
  return payment === null ? say(localization, "sign_in", { client }) : localization.words.confirm_payment;
}

export function paymentNote({ payment, localization }: Pick<Step, "payment" | "localization">): Node {
  if (payment === null) return "";
  const amount = moneyOf(payment.amount, payment.currency, localization);
  return html`<p id="payment" class="payment">${say(localization, "pay", { amount, payee: isolated(payment.payee) })}</p>`;
}

/** The fault, told at once by a screen reader. */
export function faultNote(
  { fault, localization }: Pick<Step, "fault" | "localization">,
  more: Node = "",
): Node {
  if (fault === null) return "";
  return html`<p id="fault" class="fault" role="alert">${say(localization, fault.key, fault.values)} ${more}</p>`;
}

/** The attributes of a field beside which a fault stands; it is marked unless the fault is not about what was typed. */
export function fieldState(fault: Saying | null, describedBy: readonly string[], isMarked = true): Node {
  const ids = fault === null ? describedBy : ["fault", ...describedBy];
  const description = ids.length === 0 ? "" : ` aria-describedby="${ids.join(" ")}"`;
  return raw(`${fault === null || !isMarked ? "" : ' aria-invalid="true"'}${description}`);
}

/** A page with a fault says so in its title, which is read first. */
export function titleOf(step: Pick<Step, "localization" | "clientName" | "payment" | "fault">): Node {
  const { localization, fault, clientName } = step;
  const title = purposeOf(step, clientName);
  return fault === null ? title : [`${localization.words.error}: `, title];
}

/** How a page offers a message instead of a code; null where it does not. */
export type MessageOffer = "main" | "plain" | null;

/**
 * The way to prove the number by a message.
 *
 * @param isFirstStep It is about the number that is named on the first step, or about any where the purpose allows that.
 */
export function messageButton(offer: MessageOffer, { words }: Localization, isFirstStep = false): Node {
  if (offer === null) return "";
  const step = isFirstStep ? raw(' name="step" value="number"') : "";
  return html`<button class="${offer}"${step} formaction="/oauth/authorize/message" formnovalidate>${words.write_instead}</button>`;
}

export function cancelButton({ words }: Localization): Node {
  return html`<button class="plain" formaction="/oauth/authorize/cancel" formnovalidate>${words.cancel}</button>`;
}
