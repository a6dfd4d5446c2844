import type { E164 } from "../numbering/e164.ts";
import type { Keyring } from "../platform/keyring.ts";
import { base32 } from "./id.ts";

/**
 * The name of a phone number's object: an 80-bit HMAC of the number, in 16 characters of base32. The platform
 * stores and shows the names of objects, so the number itself must not be one.
 */
export type PhoneNumberName = string & { readonly __brand: "PhoneNumberName" };

const NAME_BYTES = 10;
/** In characters. */
export const NAME_LENGTH = 16;

/** The names of a number's object, one for each live key, the current one first. */
export function namesOf(keyring: Keyring, to: E164): readonly [PhoneNumberName, ...PhoneNumberName[]] {
  const [current, ...previous] = keyring.mac("number", to);
  return [toName(current), ...previous.map(toName)];
}

function toName(mac: Uint8Array): PhoneNumberName {
  return base32(mac.subarray(0, NAME_BYTES)) as PhoneNumberName;
}
