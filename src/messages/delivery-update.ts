import type { VerificationId } from "../ids/verification-id.ts";
import type { MessageError, MessageStatus, Pricing } from "./message.ts";

/** What a provider's webhook tells of a message. */
export interface MessageUpdate {
  readonly providerMessageId: string;
  readonly status: Exclude<MessageStatus, "queued">;
  /** When the provider saw it happen. */
  readonly at: number;
  readonly error: MessageError | null;
  readonly pricing: Pricing | null;
}

/** One status update about a message, as a provider's webhook brings it. */
export interface DeliveryUpdate extends MessageUpdate {
  /** Null where the provider did not echo what the message was sent with; then the provider's id decides. */
  readonly message: { readonly id: VerificationId; readonly ordinal: number } | null;
  /** Of the phone that the message is about, where the deployment looks at identities. */
  readonly identityHash?: string | null;
}

/** A message of which the provider has said what it charges for. */
export interface PricedMessage extends Pricing {
  readonly country: string | null;
}
