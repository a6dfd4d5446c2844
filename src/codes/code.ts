import type { Buffer } from "node:buffer";
import { type AppName, DEFAULT_APP } from "../ids/app-name.ts";
import type { PhoneNumberName } from "../ids/phone-number-name.ts";
import { foldDigits } from "../numbering/digits.ts";
import type { Keyring } from "../platform/keyring.ts";

/** What a code confirms: the amount and payee of a payment (PSD2 RTS article 5). */
export interface Binding {
  readonly amount: string;
  readonly currency: string;
  readonly payee: string;
}

/** A one-time code in plaintext, as it is compared. It exists only in the memory of the request that sends or checks it. */
export type Code = string & { readonly __brand: "Code" };

/** A one-time code in plaintext, as it is sent: a caller's own keeps the case of its letters. */
export type CodeText = string & { readonly __brand: "Code" | "CodeText" };

/** Who compares a code with what the user typed: this service, or the caller that brought it. */
export type CodeCheckedBy = "sandi" | "caller";

/** A keyed digest of a code and what it was made for. It reveals none of them. */
export type CodeProof = string & { readonly __brand: "CodeProof" };

/** The proofs under each live key, the current one first. */
export type Proofs = readonly [CodeProof, ...CodeProof[]];

/** A keyed digest of what a caller ties a verification to, such as its own browser session. */
export type SessionTag = string & { readonly __brand: "SessionTag" };

/** What a code is good for besides its number: it proves nothing for another app, session or binding. */
export interface CodeContext {
  readonly app: AppName;
  /** Null for a caller that ties its verifications to no session. */
  readonly session: SessionTag | null;
  readonly bind: Binding | null;
}

/** A code encrypted under the deployment's key, so that a resend or a fallback can send it again. */
export type SealedCode = string & { readonly __brand: "SealedCode" };

/** The letters and digits that are not mistaken for another on a small screen: without 0, O, 1, I, L and U. */
const ALPHABETS = { digits: "0123456789", letters_digits: "23456789ABCDEFGHJKMNPQRSTVWXYZ" } as const;

/** What a purpose's policy says about its codes. */
export interface CodeFormat {
  readonly codeLength: number;
  readonly codeAlphabet: keyof typeof ALPHABETS;
}

/**
 * Draws a code from the platform's CSPRNG (NIST SP 800-63B-4 section 3.1.3.2, ASVS 6.5.3), by rejection
 * sampling: bytes past the last whole multiple of the alphabet are discarded, so every code is equally likely.
 */
export function drawCode(policy: CodeFormat): Code {
  const alphabet = ALPHABETS[policy.codeAlphabet];
  const fair = 256 - (256 % alphabet.length);
  let code = "";
  while (code.length < policy.codeLength) {
    for (const byte of crypto.getRandomValues(new Uint8Array(16))) {
      if (byte < fair && code.length < policy.codeLength) code += alphabet.charAt(byte % alphabet.length);
    }
  }
  return code as Code;
}

const PLAIN_CODE = /^[0-9A-Z]*$/;

/**
 * Normalizes what a user typed or an app chose for comparison: letters and digits only, in upper case, full-width
 * ones and the digits of every script as their ASCII counterparts. Separators, punctuation and invisible characters
 * are no part of a code, so that dropping them makes no code easier to guess. Empty where nothing is left.
 */
export function readCode(text: string): Code {
  if (PLAIN_CODE.test(text)) return text as Code;
  const letters = text.normalize("NFKC").replace(/[^\p{L}\p{Nd}]/gu, "");
  return foldDigits(letters).toUpperCase() as Code;
}

/**
 * Proves knowledge of a code for this number, app, session and binding; one proof for each live key, the current
 * one first. The proof covers the number's name and not the verification's id, which a check by number does not
 * know; the object compares a proof with those of one verification only.
 */
export function proveCode(
  keyring: Keyring,
  name: PhoneNumberName,
  code: Code,
  { app, session, bind }: CodeContext,
): Proofs {
  const bound = bind === null ? null : [bind.amount, bind.currency, bind.payee];
  // The default app without a session is written as before there were apps, so that codes of that time stay valid.
  const isPlain = app === DEFAULT_APP && session === null;
  const proved = isPlain ? [name, code, bound] : [name, code, bound, app, session];
  const [current, ...previous] = keyring.mac("code", JSON.stringify(proved));
  return [toProof(current), ...previous.map(toProof)];
}

/** The tags of a caller's session under each live key, the current one first. */
export function sessionTags(
  keyring: Keyring,
  name: PhoneNumberName,
  app: AppName,
  session: string,
): readonly [SessionTag, ...SessionTag[]] {
  const [current, ...previous] = keyring.mac("request", JSON.stringify(["session", name, app, session]));
  return [toSessionTag(current), ...previous.map(toSessionTag)];
}

function toSessionTag(mac: Buffer): SessionTag {
  return mac.toString("base64url") as SessionTag;
}

function toProof(mac: Buffer): CodeProof {
  return mac.toString("base64url") as CodeProof;
}

/**
 * Encrypts a code so that only this deployment can open it, and only for this number. It is bound to the
 * number's name and not the verification's id, since a new code may be added to a pending verification whose
 * id the request does not know yet.
 */
export function sealCode(keyring: Keyring, name: PhoneNumberName, code: CodeText): SealedCode {
  return keyring.seal(code, name) as SealedCode;
}

/** Opens what {@link sealCode} sealed, under the current or the previous key. Throws when it was tampered with. */
export function openCode(keyring: Keyring, name: PhoneNumberName, sealed: SealedCode): CodeText {
  return keyring.open(sealed, name) as CodeText;
}
