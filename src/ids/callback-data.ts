import { parseNotificationId, recipientOf } from "./notification-id.ts";
import type { PhoneNumberName } from "./phone-number-name.ts";
import { ownerOf, parseVerificationId, type VerificationId } from "./verification-id.ts";

/** One message of a verification: the verification, and the message's place among those it sent. */
export interface MessageReference {
  readonly id: VerificationId;
  readonly ordinal: number;
}

/** Spells a reference for a provider to echo: `vrf_….0`. Random, so it tells its reader nothing. */
export function toCallbackData({ id, ordinal }: MessageReference): string {
  return `${id}.${ordinal}`;
}

/** Reads what {@link toCallbackData} spelled; a bare id means its first message. Null for anything else. */
export function fromCallbackData(text: string): MessageReference | null {
  const [idText = "", ordinalText = "0", ...rest] = text.split(".");
  const id = parseVerificationId(idText);
  const known = id !== null && rest.length === 0 && /^\d{1,2}$/.test(ordinalText);
  return known ? { id, ordinal: Number(ordinalText) } : null;
}

/** Whom a message goes to, by the name of their object: of a verification's or, named by its bare id, a notification. */
export function recipientTag(callbackData: string): PhoneNumberName | null {
  const notification = parseNotificationId(callbackData);
  if (notification !== null) return recipientOf(notification);
  const reference = fromCallbackData(callbackData);
  return reference && ownerOf(reference.id);
}
