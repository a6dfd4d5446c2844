import { countryOf, type E164, maskNumber } from "../numbering/e164.ts";
import type { Keyring } from "../platform/keyring.ts";
import type { PhoneNumberName } from "./phone-number-name.ts";

/** A phone number in the form that events and the journal carry: masked, and whole only under seal. */
export interface ProtectedNumber {
  readonly toMasked: string;
  /** Opens with `keyring.open(toSealed, name)`, where `name` names the number's object. */
  readonly toSealed: string;
  /** ISO 3166-1 alpha-2; null for a number that belongs to no single country. */
  readonly country: string | null;
}

/** Of a verification that has yet to learn its number. */
export const NO_NUMBER: ProtectedNumber = { toMasked: "", toSealed: "", country: null };

/** @param country The number's country, where the caller has looked it up already. */
export function protectNumber(
  keyring: Keyring,
  name: PhoneNumberName,
  to: E164,
  country: string | null = countryOf(to),
): ProtectedNumber {
  return { toMasked: maskNumber(to), toSealed: keyring.seal(to, name), country };
}
