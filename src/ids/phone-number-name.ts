import type { E164 } from "../numbering/e164.ts";
import { formerSpellingOf, subscriberOf } from "../numbering/subscriber.ts";
import type { Keyring } from "../platform/keyring.ts";
import { base32 } from "./id.ts";

/**
 * The name of a phone number's object: an 80-bit HMAC of its subscriber's number, in 16 characters of base32. Both
 * spellings of one person's number have one name. The platform stores and shows the names of objects, so the number
 * itself must not be one.
 */
export type PhoneNumberName = string & { readonly __brand: "PhoneNumberName" };

const NAME_BYTES = 10;
/** In characters. */
export const NAME_LENGTH = 16;

/**
 * The names of a number's object, the current one first. The others are those under the previous key of a rotation,
 * and those that older builds gave to another spelling.
 */
export function namesOf(keyring: Keyring, to: E164): readonly [PhoneNumberName, ...PhoneNumberName[]] {
  const subscriber = subscriberOf(to);
  const [current, ...previous] = keyring.mac("number", subscriber);
  const former = formerSpellingOf(subscriber);
  const macs = former === null ? previous : [...previous, ...keyring.mac("number", former)];
  return [nameFor(current), ...macs.map(nameFor)];
}

/** The name that begins a keyed or random text of at least ten bytes. */
export function nameFor(mac: Uint8Array): PhoneNumberName {
  return base32(mac.subarray(0, NAME_BYTES)) as PhoneNumberName;
}
