import { namesOf, type PhoneNumberName } from "../ids/phone-number-name.ts";
import type { E164 } from "../numbering/e164.ts";
import type { DenyCommand, DenyOutcome } from "../phone-number/decisions/cancel.ts";
import type { PhoneNumber } from "../phone-number/phone-number.ts";
import type { Moved } from "../phone-number/pointer.ts";
import type { Keyring } from "../platform/keyring.ts";

/** A tap on "I didn't request a code". */
export interface Denial {
  readonly tap: Omit<DenyCommand, "mustKnowMessage">;
  /** Null where the webhook names no number. */
  readonly from: E164 | null;
  /** The number that the denied message's id seems to contain; null where it contains none. */
  readonly numberInId: E164 | null;
}

/** Has the object that knows the denied message record the tap. Null where none does, or it was reported before. */
export async function recordDenial(
  denial: Denial,
  keyring: Keyring,
  phoneNumbers: DurableObjectNamespace<PhoneNumber>,
): Promise<DenyOutcome> {
  for (const [name, mustKnowMessage] of namesOfDenied(denial, keyring)) {
    const command = { ...denial.tap, mustKnowMessage };
    let denied: DenyOutcome | Moved = await phoneNumbers.getByName(name).deny(command);
    if (isMoved(denied)) denied = await phoneNumbers.getByName(denied.name).deny(command);
    if (denied !== null && !isMoved(denied)) return denied;
  }
  return null;
}

/**
 * The objects that may know the denied message, the likeliest first, and whether the object has to know it. Users
 * with a username write without a number: the object is then the one of the number that the message's id seems to
 * name. Where neither names a number, the denial cannot be attributed and changes nothing.
 */
function namesOfDenied(
  { from, numberInId }: Denial,
  keyring: Keyring,
): ReadonlyMap<PhoneNumberName, boolean> {
  const byId = numberInId === null ? [] : namesOf(keyring, numberInId);
  const [current, ...previous] = from === null ? [] : namesOf(keyring, from);
  const names = [...byId, ...previous].map((name) => [name, true] as const);
  return new Map(
    current === undefined ? names : [...names.filter(([name]) => name !== current), [current, false]],
  );
}

function isMoved(outcome: DenyOutcome | Moved): outcome is Moved {
  return outcome !== null && "kind" in outcome;
}
