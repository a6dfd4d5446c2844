import type { Binding, CodeText } from "../codes/code.ts";
import type { NotificationId } from "../ids/notification-id.ts";
import type { DeliveryUpdate, MessageUpdate } from "../messages/delivery-update.ts";
import type { ChannelName, SendResult } from "../messages/message.ts";
import type { E164 } from "../numbering/e164.ts";

/** A code and where to send it. */
export interface CodeMessage {
  readonly to: E164;
  readonly code: CodeText;
  /** The payment that the code confirms, if any; a channel that writes its own text names it. */
  readonly bind: Binding | null;
  /** The user's language, in BCP 47. */
  readonly locale: string;
  /** The approved template and its language; null for channels without templates. */
  readonly template: string | null;
  readonly language: string | null;
  /** The provider echoes it in every status update, so the message is found without an index. */
  readonly callbackData: string;
}

/** Sends codes to phones. Failures are returned as values; a rejected promise is a bug. */
export interface Channel {
  readonly name: ChannelName;
  send(message: CodeMessage): Promise<SendResult>;
}

/**
 * A status update of a code's message. `recipient` is set where the provider did not echo the callback data,
 * so that the message has to be found by the number.
 */
export interface StatusUpdate {
  readonly update: DeliveryUpdate;
  readonly recipient: E164 | null;
}

/** A status update of a notification. */
export interface NotificationUpdate extends MessageUpdate {
  /** Null where WhatsApp did not echo the id; the message is then found by `providerMessageId`. */
  readonly notification: NotificationId | null;
}

/** A status update that names its notification. */
export interface NotificationStatus {
  readonly update: NotificationUpdate;
  readonly recipient: null;
}

export const NOTICE_EVENT_TYPES = [
  "message.received",
  "template.updated",
  "sender.updated",
  "deployment.degraded",
  "deployment.recovered",
  "capacity.warning",
] as const;
export type NoticeEventType = (typeof NOTICE_EVENT_TYPES)[number];

/** An event of the channel or of the whole deployment rather than of a verification or notification. */
export interface NoticeEvent {
  readonly kind: "notice";
  readonly id: string;
  readonly type: NoticeEventType;
  readonly at: number;
  /** The event's `data` in the team's webhook. Phone numbers are masked and users' texts null; `sealed` holds both in full. */
  readonly data: Readonly<Record<string, unknown>>;
  /**
   * Encrypted full numbers by field name of `data`; opened with `keyring.open(value, id)`, where `id` is the
   * event's id.
   */
  readonly sealed?: Readonly<Record<string, string>>;
}
