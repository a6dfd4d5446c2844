import { parseNotificationId, recipientOf } from "./notification-id.ts";
import type { PhoneNumberName } from "./phone-number-name.ts";
import { ownerOf, parseVerificationId, type VerificationId } from "./verification-id.ts";

/** One message of a verification. */
export interface MessageReference {
  readonly id: VerificationId;
  /** The message's place in the verification, from 0. */
  readonly ordinal: number;
}

/** The text that a provider echoes in its status updates: `vrf_….0`. It reveals nothing about the number. */
export function toCallbackData({ id, ordinal }: MessageReference): string {
  return `${id}.${ordinal}`;
}

/** Reads what {@link toCallbackData} wrote; an id alone means its first message. Null for anything else. */
export function fromCallbackData(text: string): MessageReference | null {
  const [idText = "", ordinalText = "0", ...rest] = text.split(".");
  const id = parseVerificationId(idText);
  const isReference = id !== null && rest.length === 0 && /^\d{1,2}$/.test(ordinalText);
  return isReference ? { id, ordinal: Number(ordinalText) } : null;
}

/**
 * The name of the recipient's object, read from the callback data of a verification's message or of a
 * notification, which is its id. Null for anything else.
 */
export function recipientTag(callbackData: string): PhoneNumberName | null {
  const notification = parseNotificationId(callbackData);
  if (notification !== null) return recipientOf(notification);
  const reference = fromCallbackData(callbackData);
  return reference === null ? null : ownerOf(reference.id);
}
