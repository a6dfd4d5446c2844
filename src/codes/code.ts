import type { Buffer } from "node:buffer";
import type { PhoneNumberName } from "../ids/phone-number-name.ts";
import type { Keyring } from "../platform/keyring.ts";
import type { Binding } from "./binding.ts";

/** A one-time code in clear. It lives in the request that sends or checks it, and nowhere else. */
export type Code = string & { readonly __brand: "Code" };

/** A keyed digest of a code, the number it went to and what it is bound to. It reveals none of them. */
export type CodeProof = string & { readonly __brand: "CodeProof" };

export type Proofs = readonly [CodeProof, ...CodeProof[]];

/** A code encrypted under the deployment's key, for the resend or the fallback that has to carry it again. */
export type SealedCode = string & { readonly __brand: "SealedCode" };

/** Letters and digits that nobody mistakes for another on a small screen: no 0, O, 1, I, L, and no U for V. */
const ALPHABETS = { digits: "0123456789", letters_digits: "23456789ABCDEFGHJKMNPQRSTVWXYZ" } as const;

/** What a purpose's policy says of its codes. */
export interface CodeFormat {
  readonly codeLength: number;
  readonly codeAlphabet: keyof typeof ALPHABETS;
}

/**
 * Draws a code from the platform's CSPRNG (NIST SP 800-63B-4 section 3.1.3.2, ASVS 6.5.3). Bytes past the
 * last whole multiple of the alphabet are thrown away, so that every code is equally likely.
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

/** What the user typed or the app chose, as it is compared: without white space, in capitals. */
export function readCode(text: string): Code {
  return text.replace(/\s/g, "").toUpperCase() as Code;
}

/**
 * Proves knowledge of a code for this number and this binding; one proof for each live key, newest first.
 * A check by number does not know the verification's id, so the number's name stands for it here; the
 * object compares a proof with one verification's and no other.
 */
export function proveCode(keyring: Keyring, name: PhoneNumberName, code: Code, bind: Binding | null): Proofs {
  const bound = bind === null ? null : [bind.amount, bind.currency, bind.payee];
  const [current, ...previous] = keyring.mac("code", JSON.stringify([name, code, bound]));
  const spell = (mac: Buffer) => mac.toString("base64url") as CodeProof;
  return [spell(current), ...previous.map(spell)];
}

/**
 * Encrypts a code so that only this deployment, and only for this number, can open it. The number's name
 * and not the verification's id, because a new code may join a pending verification whose id its sender
 * does not know yet.
 */
export function sealCode(keyring: Keyring, name: PhoneNumberName, code: Code): SealedCode {
  return keyring.seal(code, name) as SealedCode;
}

/** Opens what {@link sealCode} sealed, also under the previous key. Throws when it was tampered with. */
export function openCode(keyring: Keyring, name: PhoneNumberName, sealed: SealedCode): Code {
  return keyring.open(sealed, name) as Code;
}
