import type { Binding } from "../../codes/code.ts";
import { chooseLanguage } from "../../numbering/locale.ts";
import type { CodeMessage } from "../channel.ts";

export interface TextSettings {
  /** The sender's name as users know it. */
  readonly brand: string;
  /** The site that may fill in the code from the SMS (WebOTP); null omits that line. */
  readonly webOtpHost: string | null;
}

const DEFAULT_LANGUAGE = "en";

/**
 * The text of an SMS. With a payment it names amount and payee, so that the payer is aware of both (PSD2 RTS,
 * Delegated Regulation (EU) 2018/389, article 5(1)(a)).
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

/**
 * The payee's name is caller input: collapsing it to one line prevents it from imitating the `@host #code`
 * line.
 */
function payment({ amount, currency, payee }: Binding) {
  return { amount: `${amount} ${currency}`, payee: payee.replace(/[\s\p{C}]+/gu, " ").trim() };
}

/**
 * The GSM 7-bit default alphabet and its extension table (3GPP TS 23.038, 6.2.1), without the control
 * characters.
 */
const GSM_ALPHABET = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§" +
    "¿abcdefghijklmnopqrstuvwxyzäöñüà^{}\\[~]|€",
);

/** Whether the text needs no UCS-2 encoding. */
export function isInGsmAlphabet(text: string): boolean {
  return [...text].every((character) => GSM_ALPHABET.has(character));
}

/** A payment as the app describes it. */
export interface Payment {
  /** Including the currency code. */
  readonly amount: string;
  readonly payee: string;
}

/** The texts of an SMS in one language. */
interface Wording {
  login(code: string, brand: string): string;
  payment(code: string, brand: string, payment: Payment): string;
}

/** Combines the sentence, with or without a payment, and the warning. */
function wording(login: Wording["login"], payment: Wording["payment"], warning: string): Wording {
  return {
    login: (code, brand) => `${login(code, brand)} ${warning}`,
    payment: (code, brand, { amount, payee }) => `${payment(code, brand, { amount, payee })} ${warning}`,
  };
}

/**
 * The code comes first: lock screens cut texts short, and phones detect the first number that looks like a
 * code, which an amount does as well.
 *
 * The European languages, Indonesian, Malay and Turkish use only the GSM 7-bit alphabet (3GPP TS 23.038),
 * hence "clave", "PIN" and a Turkish text without dotless letters: one character outside it reduces an SMS
 * from 160 to 70 characters and doubles the price.
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
