import { html, raw } from "hono/html";
import { languageChoice } from "./frame.ts";
import { cancelButton, faultNote, flowForm, learnsNote, paymentNote, type Step } from "./parts.ts";
import { qrCode } from "./qr-code.ts";
import { isolated, leftToRight, type Node, say } from "./text.ts";

/** The step in which the user sends a message instead of typing a code. */
export interface MessageStep extends Step {
  /** Null once it cannot be sent any more. */
  readonly link: ShownMessage | null;
  /** The number that it has to come from, as the page may show it; null for any. */
  readonly number: string | null;
  /** The user has asked whether it has come, and it has not. */
  readonly isMissing: boolean;
  /** False where the number's owner has refused. */
  readonly mayAskAgain: boolean;
}

interface ShownMessage {
  /** The team's number. */
  readonly sender: string;
  readonly text: string;
  /** Opens WhatsApp with both. */
  readonly url: string;
}

/** On a wide screen there is a QR code beside the form, for users whose WhatsApp is on another device. */
export function messagePage(step: MessageStep): Node {
  const { localization, link } = step;
  const { words } = localization;
  const form = flowForm(
    step.flow,
    link === null ? "message" : "check",
    html`<h1>${words.write_heading}</h1>
${paymentNote(step)}
${faultNote(step)}
${link === null ? askAgain(step) : toSend(step, link)}
<button class="plain" formaction="/oauth/authorize/instead" formnovalidate>${words.write_code}</button>
${cancelButton(localization)}
${learnsNote(step)}
${languageChoice(localization)}`,
  );
  if (link === null) return form;
  return html`${form}
<div class="scan">
${qrCode(link.url, words.write_qr)}
<p>${words.write_scan}</p>
</div>`;
}

function toSend({ localization, number, payment, isMissing }: MessageStep, link: ShownMessage): Node {
  const { words } = localization;
  const how =
    number === null ? words.write_from_any : say(localization, "write_from", { number: leftToRight(number) });
  const describedBy = [isMissing ? ["state"] : [], ["how"], payment === null ? [] : ["payment"]].flat();
  return html`<p id="how">${how}</p>
<p id="state" role="status">${isMissing ? words.write_missing : ""}</p>
<a class="main" href="${link.url}" target="_blank" rel="noreferrer" autofocus aria-describedby="${describedBy.join(" ")}">${words.write_open}</a>
<button class="plain">${words.write_check}</button>
<details>
<summary>${words.write_by_hand}</summary>
<dl>
<dt>${words.write_to}</dt><dd>${leftToRight(link.sender)}</dd>
<dt>${words.write_text}</dt><dd>${isolated(link.text)}</dd>
</dl>
</details>`;
}

function askAgain({ localization: { words }, mayAskAgain }: MessageStep): Node {
  return mayAskAgain
    ? html`<button class="main"${raw(" autofocus")} aria-describedby="fault">${words.write_new}</button>`
    : "";
}
