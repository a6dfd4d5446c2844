import { countryOf, type E164, maskNumber } from "../numbering/e164.ts";
import type { Keyring } from "../platform/keyring.ts";
import type { PhoneNumberName } from "./phone-number-name.ts";

/** Makes of a phone number what events may carry of it. */
export function numberInEvents(keyring: Keyring, name: PhoneNumberName, to: E164): NumberInEvents {
  return { toMasked: maskNumber(to), toSealed: keyring.seal(to, name), country: countryOf(to) };
}

/** A phone number as events carry it: the whole one only in sealed form. */
export interface NumberInEvents {
  readonly toMasked: string;
  /** Opens with `keyring.open(toSealed, name)`, the name being the one of the number's object. */
  readonly toSealed: string;
  /** ISO 3166-1 alpha-2; null where the number's plan belongs to no one country. */
  readonly country: string | null;
}
