import type { ChannelName } from "./channel-name.ts";

export interface Message {
  readonly channel: ChannelName;
  readonly status: MessageStatus;
  readonly template: string | null;
  readonly language: string | null;
  /** How long its channel tries to deliver it; null where that is not known, or goes on for days. */
  readonly timeToLiveSeconds: number | null;
  readonly providerMessageId: string | null;
  readonly error: MessageError | null;
  /** What the provider says it charges for; null until it does. */
  readonly pricing: Pricing | null;
  /** Since when somebody is sending it; null while it waits for one. */
  readonly leasedAt: number | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** When the provider first saw each of these; null for what it has not told. */
  readonly sentAt: number | null;
  readonly deliveredAt: number | null;
  readonly readAt: number | null;
}

export interface Pricing {
  readonly category: string;
  readonly billable: boolean;
}

export type MessageStatus = "queued" | "sent" | "delivered" | "read" | "failed";

export interface MessageError {
  readonly code: string;
  readonly title: string;
  /** What the team can do about it. */
  readonly action: string;
}
