import { createHash } from "node:crypto";
import { base32 } from "./base32.ts";
import type { PhoneNumberName } from "./phone-number-name.ts";

/**
 * A notification's id: `ntf_` and 26 characters of Crockford base32, spelled like a verification's. The first
 * 80 bits name the recipient's object, so that any id, and any status update, finds it without an index.
 */
export type NotificationId = string & { readonly __brand: "NotificationId" };

const PREFIX = "ntf_";
const NAME_LENGTH = 16;
const OWN_BYTES = 6;
const PATTERN = /^ntf_[0-9a-hjkmnp-tv-z]{25}[048cgmrw]$/;

/** Draws an id under the object of its recipient. */
export function newNotificationId(name: PhoneNumberName): NotificationId {
  return spell(name, crypto.getRandomValues(new Uint8Array(OWN_BYTES)));
}

/** The same for the same occasion, however often it is worked off: `bat_….17` of a batch, an inbound message. */
export function notificationIdFor(name: PhoneNumberName, occasion: string): NotificationId {
  return spell(name, createHash("sha256").update(occasion).digest().subarray(0, OWN_BYTES));
}

/** Reads an id in its one canonical spelling, or answers null. */
export function parseNotificationId(text: string): NotificationId | null {
  return PATTERN.test(text) ? (text as NotificationId) : null;
}

/** The object of the notification's recipient. */
export function recipientOf(id: NotificationId): PhoneNumberName {
  return id.slice(PREFIX.length, PREFIX.length + NAME_LENGTH) as PhoneNumberName;
}

function spell(name: PhoneNumberName, own: Uint8Array): NotificationId {
  return `${PREFIX}${name}${base32(own)}` as NotificationId;
}
