import type { E164 } from "../numbering/e164.ts";
import type { Keyring } from "../platform/keyring.ts";
import { base32 } from "./base32.ts";

/**
 * The name of the object that owns a phone number: an 80-bit HMAC of the number, in 16 characters of
 * Crockford base32. Names are stored and shown by the platform, so a bare number never is one.
 */
export type PhoneNumberName = string & { readonly __brand: "PhoneNumberName" };

const NAME_BYTES = 10;

/** The names of a number's object, one for each live key, the current one first. */
export function namesOf(keyring: Keyring, to: E164): readonly [PhoneNumberName, ...PhoneNumberName[]] {
  const [current, ...previous] = keyring.mac("number", to);
  const spell = (mac: Uint8Array) => base32(mac.subarray(0, NAME_BYTES)) as PhoneNumberName;
  return [spell(current), ...previous.map(spell)];
}
