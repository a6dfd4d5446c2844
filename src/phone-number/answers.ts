import type { SealedCode } from "../codes/code.ts";
import type { IdempotencyRequest } from "../ids/idempotency-key.ts";
import type { VerificationId } from "../ids/verification-id.ts";
import type { ChannelFailure, Message } from "../messages/message.ts";
import type { VerificationSnapshot } from "./snapshot.ts";

export type Answer = SendAnswer | CheckAnswer;

/** How a start or a resend ended. */
export interface SendAnswer {
  readonly kind: "send_answer";
  readonly created: boolean;
  readonly verification: VerificationSnapshot;
  readonly failure: ChannelFailure | null;
}

export interface CheckAnswer {
  readonly kind: "check_answer";
  readonly valid: boolean;
  readonly verification: VerificationSnapshot;
}

/** Where a message goes, and in whose words. */
export type Route = Pick<Message, "channel" | "template" | "language" | "timeToLiveSeconds">;

/** A message that whoever reads this has to send now. */
export interface SendOrder {
  readonly kind: "send";
  /** Whether its verification has just begun. */
  readonly created: boolean;
  readonly verification: VerificationSnapshot;
  /** The message to send, and its place among the verification's. */
  readonly message: Message;
  readonly ordinal: number;
  /** The code to send: the command's own, or the one that is already on its way. */
  readonly sealed: SealedCode;
  /** The owner has said today that they asked for no code, and the rule about it only records. */
  readonly deniedBefore?: boolean;
}

export interface IdempotencyRecord extends IdempotencyRequest {
  readonly at: number;
  readonly id: VerificationId;
  /** Null while the first request is still running. */
  readonly answer: Answer | null;
}
