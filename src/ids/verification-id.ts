import type { E164 } from "../numbering/e164.ts";
import type { Keyring } from "../platform/keyring.ts";
import { base32 } from "./base32.ts";

/**
 * The name of the object that owns a phone number: an 80-bit HMAC of the number, in 16 characters of
 * Crockford base32. Names are stored and shown by the platform, so a bare number never is one.
 */
export type PhoneNumberName = string & { readonly __brand: "PhoneNumberName" };

/**
 * A verification's id: `vrf_` and 26 characters of Crockford base32, 128 bits. The first 80 bits are the
 * owning object's name, so that any id finds its object without an index; the other 48 are random.
 */
export type VerificationId = string & { readonly __brand: "VerificationId" };

const PREFIX = "vrf_";
const NAME_BYTES = 10;
const NAME_LENGTH = 16;
const RANDOM_BYTES = 6;

/** 48 random bits fill the last of ten characters by three bits; its two spare bits are zero. */
const PATTERN = /^vrf_[0-9a-hjkmnp-tv-z]{25}[048cgmrw]$/;

/** The names of a number's object, one for each live key, the current one first. */
export function namesOf(keyring: Keyring, to: E164): readonly [PhoneNumberName, ...PhoneNumberName[]] {
  const [current, ...previous] = keyring.mac("number", to);
  const spell = (mac: Uint8Array) => base32(mac.subarray(0, NAME_BYTES)) as PhoneNumberName;
  return [spell(current), ...previous.map(spell)];
}

/** Draws an id under the object that will own the verification. */
export function newVerificationId(name: PhoneNumberName): VerificationId {
  const random = crypto.getRandomValues(new Uint8Array(RANDOM_BYTES));
  return `${PREFIX}${name}${base32(random)}` as VerificationId;
}

/** Reads an id in its one canonical spelling, or answers null. */
export function parseVerificationId(text: string): VerificationId | null {
  return PATTERN.test(text) ? (text as VerificationId) : null;
}

/** The object that owns the verification. */
export function ownerOf(id: VerificationId): PhoneNumberName {
  return id.slice(PREFIX.length, PREFIX.length + NAME_LENGTH) as PhoneNumberName;
}
