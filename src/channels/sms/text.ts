import type { Binding } from "../../codes/binding.ts";
import { chooseLanguage } from "../../numbering/locale.ts";
import type { CodeMessage } from "../channel.ts";
import { WORDINGS } from "./wordings.ts";

export interface TextSettings {
  /** Who sends: the name that users know. */
  readonly brand: string;
  /** The site whose page may take the code out of the SMS by itself; null leaves that line out. */
  readonly webOtpHost: string | null;
}

const DEFAULT_LANGUAGE = "en";

/**
 * The text of an SMS. Where the code is bound to a payment it names amount and payee, so that the payer is
 * aware of both (PSD2 RTS, Delegated Regulation (EU) 2018/389, article 5(1)(a)).
 *
 * The last line binds the code to a site, for browsers that fill it in: `@host #code` (WICG, "Origin-bound
 * one-time codes delivered via SMS").
 */
export function smsText(
  message: Pick<CodeMessage, "code" | "bind" | "locale">,
  { brand, webOtpHost }: TextSettings,
): string {
  const { code, bind, locale } = message;
  const language = chooseLanguage(locale, Object.keys(WORDINGS));
  const wording = WORDINGS[language ?? DEFAULT_LANGUAGE] ?? WORDINGS[DEFAULT_LANGUAGE];
  const text = bind === null ? wording.login(code, brand) : wording.payment(code, brand, payment(bind));
  return webOtpHost === null ? text : `${text}\n@${webOtpHost} #${code}`;
}

/** A payee's name is the caller's text: on one line, it can pretend to be no line of ours. */
function payment({ amount, currency, payee }: Binding) {
  return { amount: `${amount} ${currency}`, payee: payee.replace(/[\s\p{C}]+/gu, " ").trim() };
}
