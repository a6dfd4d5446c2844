import { html, raw } from "hono/html";
import type { SenderName } from "../sender-name.ts";
import { languageChoice } from "./frame.ts";
import {
  cancelButton,
  faultNote,
  fieldState,
  flowForm,
  learnsNote,
  type MessageOffer,
  messageButton,
  paymentNote,
  purposeOf,
  type Step,
} from "./parts.ts";
import { isolated, leftToRight, type Node, say, timeOfDay } from "./text.ts";

/** The step in which the user types the code. */
export interface CodeStep extends Step {
  /** The number as the page may show it. */
  readonly number: string;
  /** The user has to look for an SMS. */
  readonly isBySms: boolean;
  /** WhatsApp did not carry the code. */
  readonly fellBack: boolean;
  /** Who the code comes from; null where that is not known, or not by WhatsApp. */
  readonly sender: SenderName | null;
  /** The code's characters: only digits need no other keyboard. */
  readonly isNumeric: boolean;
  /** False once the code cannot be entered any more; a new one may be sent. */
  readonly isOpen: boolean;
  /** False where the number's owner has refused. */
  readonly maySendAgain: boolean;
  /** From when on; null for now. */
  readonly sendAgainAt: number | null;
  readonly now: number;
  readonly mayUseSms: boolean;
  readonly mayChangeNumber: boolean;
  readonly offer: MessageOffer;
  /** Shown where few are left; null otherwise. */
  readonly triesLeft: number | null;
  readonly timeZone: string | null;
}

export function codePage(step: CodeStep): Node {
  const { localization, isBySms, fellBack, isOpen, triesLeft } = step;
  const { words } = localization;
  const tries = triesLeft === null ? "" : say(localization, "tries_left", { count: String(triesLeft) });
  const number = leftToRight(step.number);
  const heading = isBySms ? words.sms_heading : words.code_heading;
  const action = isOpen ? "code" : "resend";
  return flowForm(
    step.flow,
    action,
    html`<h1>${isOpen ? heading : purposeOf(step, isolated(step.clientName))}</h1>
<p id="sent">${isOpen ? say(localization, fellBack ? "fell_back" : "code_sent", { number }) : number}${senderNote(step)}</p>
${isOpen ? raw('<p id="state" role="status"></p>') : ""}
${paymentNote(step)}
${faultNote(step, tries)}
${isOpen ? codeField(step) : ""}
${isOpen ? help(step) : sendAgain(step)}
${cancelButton(localization)}
${learnsNote(step)}
<p class="note">${say(localization, "never_share", { client: isolated(step.clientName) })}</p>
${languageChoice(localization)}`,
  );
}

/** The name that the user will see over the message, so that a code of another sender makes them wonder. */
function senderNote({ localization, sender }: CodeStep): Node {
  if (sender === null) return "";
  const tick = html` <span role="img" aria-label="${localization.words.verified}">✓</span>`;
  const name = html`<b>${isolated(sender.name)}</b>${sender.isOfficial ? tick : ""}`;
  return html`<br>${say(localization, "code_from", { sender: name })}`;
}

/** Without `maxlength`, which would cut a pasted message short; the server takes the code out of it. */
function codeField({ localization: { words }, fault, payment, isNumeric }: CodeStep): Node {
  const describedBy = payment === null ? ["sent"] : ["sent", "payment"];
  return html`<label for="code">${words.code}</label>
<input id="code" name="code" class="code" type="text" inputmode="${isNumeric ? "numeric" : "text"}" autocomplete="one-time-code" autocapitalize="off" spellcheck="false" dir="ltr" required autofocus${fieldState(fault, describedBy)}>
<button class="main">${words.confirm}</button>`;
}

/** Open where the user has waited long enough for the code. */
function help(step: CodeStep): Node {
  const { localization, sendAgainAt, maySendAgain } = step;
  const isWaiting = maySendAgain && sendAgainAt !== null;
  return html`<details${isWaiting ? "" : raw(" open")}>
<summary>${localization.words.no_code}</summary>
${isWaiting ? html`<p>${say(localization, "again_from", { time: timeOfDay(sendAgainAt, localization, step.timeZone) })}</p>` : ""}
${maySendAgain ? resendButton("plain", step) : ""}
${otherWays(step)}
</details>`;
}

function sendAgain(step: CodeStep): Node {
  const { offer, maySendAgain, localization } = step;
  return html`${offer === "main" ? messageButton(offer, localization) : ""}
${maySendAgain ? resendButton(offer === "main" ? "plain" : "main", step) : ""}
${otherWays(step)}`;
}

function resendButton(look: "main" | "plain", { localization: { words }, sendAgainAt, now }: CodeStep): Node {
  const wait = sendAgainAt === null ? "" : raw(` data-wait="${Math.ceil((sendAgainAt - now) / 1000)}"`);
  return html`<button class="${look}"${wait} formaction="/oauth/authorize/resend" formnovalidate>${words.again}</button>`;
}

function otherWays({ localization, mayUseSms, mayChangeNumber, offer }: CodeStep): Node {
  const { words } = localization;
  return html`${offer === "plain" ? messageButton(offer, localization) : ""}
${mayUseSms ? html`<button class="plain" formaction="/oauth/authorize/resend" formnovalidate name="channel" value="sms">${words.by_sms}</button>` : ""}
${mayChangeNumber ? html`<button class="plain" formaction="/oauth/authorize/number" formnovalidate name="change" value="1">${words.change_number}</button>` : ""}`;
}
