import type { Binding } from "../codes/binding.ts";
import type { Code } from "../codes/code.ts";
import type { NotificationId } from "../ids/notification-id.ts";
import type { DeliveryUpdate, MessageUpdate } from "../messages/delivery-update.ts";
import type { ChannelName, MessageError, SendResult } from "../messages/message.ts";
import type { E164 } from "../numbering/e164.ts";
import { ACTIONS, type ProviderError } from "./failure.ts";

/** A code on its way to a phone. */
export interface CodeMessage {
  readonly to: E164;
  readonly code: Code;
  /** What the code confirms: a channel with words of its own names it. */
  readonly bind: Binding | null;
  /** The user's language, in BCP 47. */
  readonly locale: string;
  /** The approved template and its language, where the channel has such. */
  readonly template: string | null;
  readonly language: string | null;
  /** Comes back with every status update, so that it finds its message without an index. */
  readonly callbackData: string;
}

/** Carries codes to phones. The result is a value in every case: a channel that fails is no exception. */
export interface Channel {
  readonly name: ChannelName;
  send(message: CodeMessage): Promise<SendResult>;
}

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

export const NOTICE_EVENT_TYPES = ["message.received", "template.updated", "sender.updated"] as const;
export type NoticeEventType = (typeof NOTICE_EVENT_TYPES)[number];

/** Something about the channel and not about one verification. */
export interface NoticeEvent {
  readonly kind: "notice";
  readonly id: string;
  readonly type: NoticeEventType;
  readonly at: number;
  /** What the team's endpoint gets as `data`. Masked phone numbers in it stand whole under `sealed`. */
  readonly data: Readonly<Record<string, unknown>>;
  /** By the field's name in `data`; each opens with `keyring.open(value, id)`, the id being the event's. */
  readonly sealed?: Readonly<Record<string, string>>;
}
