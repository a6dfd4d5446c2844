import type { ChannelName } from "./channel-name.ts";
import type { MessageError } from "./message.ts";

/** Why a channel did not take a message. */
export interface ChannelFailure extends MessageError {
  readonly channel: ChannelName;
  /** True where the same request may go through in a while, false where somebody has to act first. */
  readonly temporary: boolean;
}

/** What became of a message that the object had told somebody to send. */
export type SendResult =
  | { readonly kind: "accepted"; readonly providerMessageId: string }
  /** Certainly not sent. */
  | { readonly kind: "refused"; readonly failure: ChannelFailure }
  /** The provider did not say: the message may be on its way. */
  | { readonly kind: "unknown"; readonly failure: ChannelFailure };
