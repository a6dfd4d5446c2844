import { html, raw } from "hono/html";
import { callingCodes } from "../../../numbering/typed-number.ts";
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
import { isolated, leftToRight, type Node, say } from "./text.ts";
import { turnstileWidget, type Widget } from "./turnstile-widget.ts";
import type { Language, Localization } from "./words.ts";

/** The step in which the user names their number. */
export interface NumberStep extends Step {
  /** As it was typed, or as the app proposes it. */
  readonly typed: string;
  /** ISO 3166-1 alpha-2; null where it is not known. */
  readonly country: string | null;
  /** The number that the app names and the user cannot change, masked; null where they type one. */
  readonly fixed: string | null;
  /** Null where visitors are not checked. */
  readonly widget: Widget | null;
  readonly offer: MessageOffer;
}

export function numberPage(step: NumberStep): Node {
  const { localization, fault, fixed } = step;
  const { words } = localization;
  return flowForm(
    step.flow,
    "number",
    html`<h1>${purposeOf(step, isolated(step.clientName))}</h1>
${paymentNote(step)}
${faultNote(step)}
${
  fixed === null
    ? numberFields(step)
    : html`<p>${say(localization, "goes_to", { number: leftToRight(fixed) })}</p>`
}
${step.widget === null ? "" : turnstileWidget(step.widget, localization)}
<button class="${step.offer === "main" ? "plain" : "main"}">${words.send}</button>
${messageButton(step.offer, localization, true)}
${cancelButton(localization)}
${learnsNote(step)}
${languageChoice(localization)}`,
  );

  function numberFields({ typed, country }: NumberStep): Node {
    return html`<label for="country">${words.country}</label>
<select id="country" name="country" autocomplete="country">
${country === null ? raw('<option value="" selected></option>') : ""}${countryOptions(localization, country)}
</select>
<label for="number">${words.number}</label>
<input id="number" name="number" type="tel" inputmode="tel" autocomplete="tel" dir="ltr" required autofocus value="${typed}"${fieldState(fault, ["learns"], fault?.key.startsWith("number"))}>`;
  }
}

/** The options without the choice, by language: naming and sorting two hundred countries takes milliseconds. */
const options = new Map<Language, readonly { readonly country: string; readonly markup: string }[]>();

function countryOptions(localization: Localization, chosen: string | null): Node {
  const known = options.get(localization.language) ?? optionsIn(localization);
  options.set(localization.language, known);
  const markup = known.map((option) =>
    option.country === chosen ? option.markup.replace("<option", "<option selected") : option.markup,
  );
  return raw(markup.join(""));
}

function optionsIn({ language }: Localization) {
  const names = new Intl.DisplayNames(language, { type: "region" });
  const { compare } = new Intl.Collator(language);
  return [...callingCodes()]
    .map(([country, callingCode]) => ({ country, callingCode, name: names.of(country) ?? country }))
    .toSorted((a, b) => compare(a.name, b.name))
    .map(({ country, callingCode, name }) => ({
      country,
      // The names are Unicode's. Isolated, as no markup may be inside an option.
      markup: `<option value="${country}">${name} \u2066+${callingCode}\u2069</option>`,
    }));
}
