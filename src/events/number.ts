import type { Keyring } from "../keyring.ts";
import { countryOf, type E164, maskNumber } from "../phone/e164.ts";
import type { PhoneNumberName } from "../verification/verification-id.ts";
import type { NumberInEvents } from "./event.ts";

/** Makes of a phone number what events may carry of it. */
export function numberInEvents(keyring: Keyring, name: PhoneNumberName, to: E164): NumberInEvents {
  return { toMasked: maskNumber(to), toSealed: keyring.seal(to, name), country: countryOf(to) };
}
