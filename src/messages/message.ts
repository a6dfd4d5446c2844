/** The channels a message can be sent through. */
export const CHANNEL_NAMES = ["whatsapp", "sms"] as const;

export type ChannelName = (typeof CHANNEL_NAMES)[number];

/** One message as the record of its recipient keeps it. Times are milliseconds since the epoch. */
export interface Message {
  readonly channel: ChannelName;
  readonly status: MessageStatus;
  readonly template: string | null;
  readonly language: string | null;
  /** How long the channel tries to deliver it; null where that is unknown, or a matter of days. */
  readonly timeToLiveSeconds: number | null;
  readonly providerMessageId: string | null;
  /** The team's number that it came from, by WhatsApp's id of it; absent until a status says so. */
  readonly sender?: string;
  readonly error: MessageError | null;
  /** What the provider says it charges for; null until it does. */
  readonly pricing: Pricing | null;
  /** When a sender last took the message; null while it waits for one. */
  readonly leasedAt: number | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** When the provider first saw each of these; null for what it has not reported. */
  readonly sentAt: number | null;
  readonly deliveredAt: number | null;
  readonly readAt: number | null;
}

/**
 * Whether a message was sent before a provider's webhook says that something happened. Providers count in whole
 * seconds, so what happened within a message's own second may be later than the message.
 */
export function wasSentBefore({ createdAt }: Pick<Message, "createdAt">, at: number): boolean {
  return createdAt < at + 1000;
}

export type MessageStatus = "queued" | "sent" | "delivered" | "read" | "failed";

export interface Pricing {
  readonly category: string;
  readonly billable: boolean;
}

export interface MessageError {
  readonly code: string;
  readonly title: string;
  /** What the team can do about it. */
  readonly action: string;
  /** The provider's own words, where they help to correct a setting or a request. */
  readonly details?: string;
}

/** The channel of a message, and the template and language it is sent with. */
export type Route = Pick<Message, "channel" | "template" | "language" | "timeToLiveSeconds">;

/** The route of a channel that needs no approved template, and of a message whose template is chosen when it is sent. */
export function withoutTemplate(channel: ChannelName): Route {
  return { channel, template: null, language: null, timeToLiveSeconds: null };
}

/** Why a channel refused a message. */
export interface ChannelFailure extends MessageError {
  readonly channel: ChannelName;
  /** True where the same request may succeed later, false where the team has to act first. */
  readonly temporary: boolean;
  /** How long the channel stays closed; undefined where that is unknown. */
  readonly retryAfterMs?: number;
  /** The template that the provider would not send; another template or language may go out. */
  readonly template?: { readonly name: string; readonly language: string };
}

/** How a channel answered a send. */
export type SendResult =
  | { readonly kind: "accepted"; readonly providerMessageId: string }
  /** Certainly not sent. */
  | { readonly kind: "refused"; readonly failure: ChannelFailure }
  /** The provider did not answer clearly: the message may have been sent. */
  | { readonly kind: "unknown"; readonly failure: ChannelFailure };
