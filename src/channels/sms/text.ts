import type { Binding } from "../../codes/binding.ts";
import { chooseLanguage } from "../../numbering/locale.ts";
import type { CodeMessage } from "../channel.ts";

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

/** The GSM 7-bit default alphabet and its extension table (3GPP TS 23.038, 6.2.1), less the control characters. */
const GSM_ALPHABET = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§" +
    "¿abcdefghijklmnopqrstuvwxyzäöñüà^{}\\[~]|€",
);

/** Whether an SMS can carry the text without switching to UCS-2. */
export function isInGsmAlphabet(text: string): boolean {
  return [...text].every((character) => GSM_ALPHABET.has(character));
}

/** What the user pays, and to whom; shown as the app gave it. */
export interface Payment {
  /** With its currency's code. */
  readonly amount: string;
  readonly payee: string;
}

/** The words of an SMS in one language. */
interface Wording {
  login(code: string, brand: string): string;
  payment(code: string, brand: string, payment: Payment): string;
}

/** The same sentence with and without a payment in it, then the warning. */
function wording(login: Wording["login"], payment: Wording["payment"], warning: string): Wording {
  return {
    login: (code, brand) => `${login(code, brand)} ${warning}`,
    payment: (code, brand, { amount, payee }) => `${payment(code, brand, { amount, payee })} ${warning}`,
  };
}

/**
 * Every text begins with the code: lock screens cut texts short, and phones that look for a code take the
 * first thing that looks like one, which an amount does too.
 *
 * The European languages, Indonesian, Malay and Turkish use the GSM 7-bit alphabet only (3GPP TS 23.038),
 * hence "clave", "PIN" and a Turkish text without dotless letters: one accent outside it and an SMS holds 70
 * characters instead of 160, at twice the price.
 */
export const WORDINGS: Readonly<Record<string, Wording>> & { readonly en: Wording } = {
  en: wording(
    (code, brand) => `${code} is your ${brand} code.`,
    (code, brand, { amount, payee }) => `${code} is your ${brand} code to pay ${amount} to ${payee}.`,
    "Do not share it with anyone.",
  ),
  id: wording(
    (code, brand) => `${code} adalah kode ${brand} Anda.`,
    (code, brand, { amount, payee }) =>
      `${code} adalah kode ${brand} Anda untuk membayar ${amount} kepada ${payee}.`,
    "Jangan bagikan kepada siapa pun.",
  ),
  es: wording(
    (code, brand) => `${code} es tu clave de ${brand}.`,
    (code, brand, { amount, payee }) => `${code} es tu clave de ${brand} para pagar ${amount} a ${payee}.`,
    "No la compartas con nadie.",
  ),
  pt: wording(
    (code, brand) => `${code} é o seu PIN ${brand}.`,
    (code, brand, { amount, payee }) => `${code} é o seu PIN ${brand} para pagar ${amount} a ${payee}.`,
    "Nunca o revele a ninguém.",
  ),
  fr: wording(
    (code, brand) => `${code} est votre code ${brand}.`,
    (code, brand, { amount, payee }) => `${code} est votre code ${brand} pour payer ${amount} à ${payee}.`,
    "Ne le donnez à personne.",
  ),
  de: wording(
    (code, brand) => `${code} ist dein Code für ${brand}.`,
    (code, brand, { amount, payee }) =>
      `${code} ist dein Code für ${brand}: Zahlung von ${amount} an ${payee}.`,
    "Gib ihn an niemanden weiter.",
  ),
  it: wording(
    (code, brand) => `${code} è il tuo codice ${brand}.`,
    (code, brand, { amount, payee }) => `${code} è il tuo codice ${brand} per pagare ${amount} a ${payee}.`,
    "Non condividerlo con nessuno.",
  ),
  nl: wording(
    (code, brand) => `${code} is je code voor ${brand}.`,
    (code, brand, { amount, payee }) => `${code} is je code voor ${brand}: ${amount} betalen aan ${payee}.`,
    "Deel hem met niemand.",
  ),
  tr: wording(
    (code, brand) => `${code} ${brand} kodunuz.`,
    (code, brand, { amount, payee }) => `${code} ${brand} kodunuz. Ödeme: ${amount}, ${payee}.`,
    "Kimseye vermeyin.",
  ),
  ar: wording(
    (code, brand) => `${code} هو رمز ${brand} الخاص بك.`,
    (code, brand, { amount, payee }) => `${code} هو رمز ${brand} الخاص بك لدفع ${amount} إلى ${payee}.`,
    "لا تشاركه مع أي شخص.",
  ),
  hi: wording(
    (code, brand) => `${code} आपका ${brand} कोड है।`,
    (code, brand, { amount, payee }) => `${code} आपका ${brand} कोड है: ${payee} को ${amount} का भुगतान।`,
    "इसे किसी के साथ साझा न करें।",
  ),
  ms: wording(
    (code, brand) => `${code} ialah kod ${brand} anda.`,
    (code, brand, { amount, payee }) =>
      `${code} ialah kod ${brand} anda untuk membayar ${amount} kepada ${payee}.`,
    "Jangan kongsi dengan sesiapa.",
  ),
  vi: wording(
    (code, brand) => `${code} là mã ${brand} của bạn.`,
    (code, brand, { amount, payee }) =>
      `${code} là mã ${brand} của bạn để thanh toán ${amount} cho ${payee}.`,
    "Không chia sẻ mã này với ai.",
  ),
  ru: wording(
    (code, brand) => `${code} — ваш код ${brand}.`,
    (code, brand, { amount, payee }) =>
      `${code} — ваш код ${brand} для оплаты ${amount}, получатель: ${payee}.`,
    "Никому его не сообщайте.",
  ),
  "zh-Hans": wording(
    (code, brand) => `${code} 是您的 ${brand} 验证码。`,
    (code, brand, { amount, payee }) => `${code} 是您的 ${brand} 验证码，用于向 ${payee} 支付 ${amount}。`,
    "请勿告知他人。",
  ),
  "zh-Hant": wording(
    (code, brand) => `${code} 是您的 ${brand} 驗證碼。`,
    (code, brand, { amount, payee }) => `${code} 是您的 ${brand} 驗證碼，用於支付 ${amount} 給 ${payee}。`,
    "請勿告訴他人。",
  ),
  ja: wording(
    (code, brand) => `${code} は ${brand} の認証コードです。`,
    (code, brand, { amount, payee }) =>
      `${code} は ${payee} へ ${amount} を支払うための ${brand} の認証コードです。`,
    "誰にも教えないでください。",
  ),
  ko: wording(
    (code, brand) => `${code} - ${brand} 인증번호입니다.`,
    (code, brand, { amount, payee }) => `${code} - ${payee}에 ${amount} 결제하는 ${brand} 인증번호입니다.`,
    "다른 사람에게 알려주지 마세요.",
  ),
};
