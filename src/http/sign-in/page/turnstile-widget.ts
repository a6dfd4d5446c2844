import { html } from "hono/html";
import type { Node } from "./text.ts";
import type { Language, Localization } from "./words.ts";

/** Where Turnstile's script puts its widget. */
export interface Widget {
  readonly siteKey: string;
  /** Sealed into the token, so that it counts for this flow alone. */
  readonly flowId: string;
}

/** The languages that Turnstile names otherwise, and one that it lacks: there it asks the browser for another. */
const LANGUAGES: Partial<Record<Language, string>> = { "zh-Hans": "zh-cn", "zh-Hant": "zh-tw", ur: "auto" };

/** The place of the widget, which only shows itself where the user has to do something. It needs a script. */
export function turnstileWidget({ siteKey, flowId }: Widget, { language, words }: Localization): Node {
  return html`<noscript><p class="fault">${words.check_needs_script}</p></noscript>
<div class="widget" data-sitekey="${siteKey}" data-cdata="${flowId}" data-language="${LANGUAGES[language] ?? language}" data-waiting="${words.check_waiting}"></div>
<p id="waiting" role="status"></p>`;
}
