import type { NumberInEvents } from "../events/event.ts";
import { countryOf, type E164, maskNumber } from "../numbering/e164.ts";
import type { Keyring } from "../platform/keyring.ts";
import type { PhoneNumberName } from "./verification-id.ts";

/** Makes of a phone number what events may carry of it. */
export function numberInEvents(keyring: Keyring, name: PhoneNumberName, to: E164): NumberInEvents {
  return { toMasked: maskNumber(to), toSealed: keyring.seal(to, name), country: countryOf(to) };
}
