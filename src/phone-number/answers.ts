import type { SealedCode } from "../codes/code.ts";
import type { ChannelFailure, Message } from "../messages/message.ts";
import type { VerificationSnapshot } from "./snapshot.ts";

/** What a request is answered with, and what is stored for its idempotency key. */
export type Answer = SendAnswer | CheckAnswer;

/** How a start or a resend ended. */
export interface SendAnswer {
  readonly kind: "send_answer";
  readonly created: boolean;
  readonly verification: VerificationSnapshot;
  /** Why the last channel refused the message; null when it was accepted or is being sent. */
  readonly failure: ChannelFailure | null;
  /** After a failure: when a new start would not be refused by the number's limits. */
  readonly retryAfterMs: number;
}

/** How a check ended. */
export interface CheckAnswer {
  readonly kind: "check_answer";
  readonly valid: boolean;
  readonly verification: VerificationSnapshot;
  /** The verification had closed before this check, which therefore compared nothing. */
  readonly closedBefore?: true;
}

/** Tells the receiver to send this message now, and to report the result with `settle`. */
export interface SendOrder {
  readonly kind: "send";
  /** True where this request began the verification. */
  readonly created: boolean;
  readonly verification: VerificationSnapshot;
  readonly message: Message;
  /** The message's place in the verification. */
  readonly ordinal: number;
  /** The code to send: the command's, or the one that was sent before. */
  readonly sealed: SealedCode;
  /** The number has reached its limit of denials, which this deployment only records. */
  readonly deniedBefore?: boolean;
}
