import { base32 } from "../ids/id.ts";
import type { Keyring } from "../platform/keyring.ts";
import { readCode } from "./code.ts";

/**
 * The secret that a user sends from their phone: 13 characters of Crockford's base32, which is 65 bits. From 64 bits on
 * NIST SP 800-63B-4 section 3.1.3.2 asks for no limit of guesses.
 *
 * Eight characters are random and five are a keyed digest of those. Without the key the digest is as random as the rest,
 * so that a guess succeeds as rarely as one of 65 random bits; with it the Worker drops a text that holds no token of this
 * deployment, which is nearly every text, without a call to any object.
 */
export type Token = string & { readonly __brand: "Token" };

/** A token encrypted under the deployment's key, so that its link can be shown again. */
export type SealedToken = string & { readonly __brand: "SealedToken" };

/** The name of the object that knows what a token is for: an 80-bit HMAC of it, since the platform shows names. */
export type LinkName = string & { readonly __brand: "LinkName" };

/** A token of this deployment in a text. */
export interface FoundToken {
  readonly token: Token;
  readonly name: LinkName;
}

const RANDOM_BYTES = 5;
const RANDOM_LENGTH = 8;
const CHECK_LENGTH = 5;
const TOKEN_LENGTH = RANDOM_LENGTH + CHECK_LENGTH;
const NAME_BYTES = 10;

/** The digits that no letter is read as. Two of them tell most words from tokens, for a quarter of a bit. */
const LEAST_DIGITS = 2;
const DIGITS = { first: "2".charCodeAt(0), last: "9".charCodeAt(0) } as const;

/** The sentence has less than 200 characters; this leaves room for what the user adds. */
const LONGEST_TEXT = 1_000;

/** Draws a token from the platform's CSPRNG. */
export function drawToken(keyring: Keyring): FoundToken {
  for (;;) {
    const random = base32(crypto.getRandomValues(new Uint8Array(RANDOM_BYTES))).toUpperCase();
    const [check] = checksOf(keyring, random);
    const token = (random + check) as Token;
    if (hasDigits(token)) return { token, name: linkNames(keyring, token)[0] };
  }
}

/** As users see it, in groups: `7KQ4M-2XPDR-9TB`. */
export function showToken(token: Token): string {
  return token.replace(/^(.{5})(.{5})/, "$1-$2-");
}

/**
 * Finds a token of this deployment anywhere in a text. Case, separators and what stands around it do not matter, and
 * letters that Crockford's alphabet leaves out are read as the digits that they look like. Null where there is none.
 */
export function findToken(keyring: Keyring, text: string): FoundToken | null {
  const spelled = readCode(text.slice(0, LONGEST_TEXT)).replaceAll("O", "0").replace(/[IL]/g, "1");
  for (const [run] of spelled.matchAll(/[0-9A-HJKMNP-TV-Z]{13,}/g)) {
    for (let at = 0; at + TOKEN_LENGTH <= run.length; at += 1) {
      const candidate = run.slice(at, at + TOKEN_LENGTH);
      const found = hasDigits(candidate) ? recognize(keyring, candidate as Token) : null;
      if (found !== null) return found;
    }
  }
  return null;
}

/** Whether a text holds what looks like a token, such as one of another deployment or a guess. */
export function looksLikeToken(text: string): boolean {
  return /(?<![0-9A-Z])[0-9A-Z]{5}-[0-9A-Z]{5}-[0-9A-Z]{3}(?![0-9A-Z])/i.test(text.slice(0, LONGEST_TEXT));
}

/** Encrypts a token so that only this deployment can open it, and only for the verification's owner. */
export function sealToken(keyring: Keyring, owner: string, token: Token): SealedToken {
  return keyring.seal(token, `link ${owner}`) as SealedToken;
}

/** Opens what {@link sealToken} sealed. Throws when it was tampered with. */
export function openToken(keyring: Keyring, owner: string, sealed: SealedToken): Token {
  return keyring.open(sealed, `link ${owner}`) as Token;
}

/** The name of the object that waits for the number of a user whose messages name none. */
export function userLinkName(keyring: Keyring, userId: string): LinkName {
  return nameFrom(keyring.mac("link", `user ${userId}`)[0]);
}

function recognize(keyring: Keyring, token: Token): FoundToken | null {
  const check = token.slice(RANDOM_LENGTH);
  const key = checksOf(keyring, token.slice(0, RANDOM_LENGTH)).indexOf(check);
  const name = key < 0 ? undefined : linkNames(keyring, token)[key];
  return name === undefined ? null : { token, name };
}

/** The digests of the random part under each live key, the current one first. */
function checksOf(keyring: Keyring, random: string): readonly [string, ...string[]] {
  const [current, ...previous] = keyring.mac("link", `check ${random}`);
  return [checkFrom(current), ...previous.map(checkFrom)];
}

function checkFrom(mac: Uint8Array): string {
  return base32(mac.subarray(0, RANDOM_BYTES)).slice(0, CHECK_LENGTH).toUpperCase();
}

function linkNames(keyring: Keyring, token: Token): readonly [LinkName, ...LinkName[]] {
  const [current, ...previous] = keyring.mac("link", `token ${token}`);
  return [nameFrom(current), ...previous.map(nameFrom)];
}

function nameFrom(mac: Uint8Array): LinkName {
  return base32(mac.subarray(0, NAME_BYTES)) as LinkName;
}

function hasDigits(candidate: string): boolean {
  let digits = 0;
  for (let at = 0; at < candidate.length; at += 1) {
    const code = candidate.charCodeAt(at);
    if (code >= DIGITS.first && code <= DIGITS.last) digits += 1;
  }
  return digits >= LEAST_DIGITS;
}
