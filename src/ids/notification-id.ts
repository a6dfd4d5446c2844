import { createHash } from "node:crypto";
import { idPattern, makeId, randomId } from "./id.ts";
import { NAME_LENGTH, type PhoneNumberName } from "./phone-number-name.ts";

/**
 * A notification's id: `ntf_` and 128 bits in base32. The first 80 bits name the recipient's object, so that
 * an id or a status update finds it without an index.
 */
export type NotificationId = string & { readonly __brand: "NotificationId" };

const PREFIX = "ntf_";
const UNIQUE_BYTES = 6;
const PATTERN = idPattern(PREFIX);

/** Draws an id under the object of its recipient. */
export function newNotificationId(name: PhoneNumberName): NotificationId {
  return randomId(PREFIX + name, UNIQUE_BYTES) as NotificationId;
}

/** The id for an occasion, such as `bat_….17` of a batch or an inbound message: the same for each retry. */
export function notificationIdFor(name: PhoneNumberName, occasion: string): NotificationId {
  const digest = createHash("sha256").update(occasion).digest();
  return makeId(PREFIX + name, digest.subarray(0, UNIQUE_BYTES)) as NotificationId;
}

/** Reads an id in its canonical form; null for anything else. */
export function parseNotificationId(text: string): NotificationId | null {
  return PATTERN.test(text) ? (text as NotificationId) : null;
}

/** The name of the recipient's object. */
export function recipientOf(id: NotificationId): PhoneNumberName {
  return id.slice(PREFIX.length, PREFIX.length + NAME_LENGTH) as PhoneNumberName;
}
