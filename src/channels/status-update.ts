import type { NotificationId } from "../ids/notification-id.ts";
import type { DeliveryUpdate, MessageUpdate } from "../messages/delivery-update.ts";
import type { MessageError } from "../messages/message.ts";
import type { E164 } from "../numbering/e164.ts";
import { ACTIONS, type ProviderError } from "./failure.ts";

/** A status update of a code's message, and the number it is about where its message has to be found by that. */
export interface StatusUpdate {
  readonly update: DeliveryUpdate;
  readonly recipient: E164 | null;
}

/** News of a notification. */
export interface NotificationUpdate extends MessageUpdate {
  /** Null where WhatsApp did not echo the id; then its own id decides. */
  readonly notification: NotificationId | null;
}

/** A status update that says itself which notification it is about. */
export interface NotificationStatus {
  readonly update: NotificationUpdate;
  readonly recipient: null;
}

/** A provider's error as a message keeps it. */
export function messageError({ code, title, class: errorClass }: ProviderError): MessageError {
  return { code, title, action: ACTIONS[errorClass] };
}
