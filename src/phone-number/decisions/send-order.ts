import type { SealedCode } from "../../codes/code.ts";
import type { Message, StoredCode, Verification } from "../phone-state.ts";
import { snapshotOf, type VerificationSnapshot } from "../snapshot.ts";
import type { SendAnswer } from "./idempotency.ts";

/** Where a message goes, and in whose words. */
export type Route = Pick<Message, "channel" | "template" | "language" | "timeToLiveSeconds">;

/** A verification that can still be sent. */
export type Sendable = Verification & { readonly code: StoredCode };

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

/** One of a verification's messages, and its place among them. */
export interface Placed {
  readonly verification: Sendable;
  readonly message: Message;
  readonly ordinal: number;
}

/** Adds a message to a verification. `takenAt` says since when somebody is sending it, null that somebody has to. */
export function addMessage(
  verification: Sendable,
  route: Route,
  takenAt: number | null,
  now: number,
): Placed {
  const message: Message = {
    channel: route.channel,
    template: route.template,
    language: route.language,
    timeToLiveSeconds: route.timeToLiveSeconds,
    status: "queued",
    providerMessageId: null,
    error: null,
    pricing: null,
    takenAt,
    createdAt: now,
    updatedAt: now,
    sentAt: null,
    deliveredAt: null,
    readAt: null,
  };
  const ordinal = verification.messages.length;
  return {
    verification: { ...verification, messages: [...verification.messages, message] },
    message,
    ordinal,
  };
}

/** The order to send a message. */
export function orderFor({ verification, message, ordinal }: Placed, created: boolean): SendOrder {
  const { sealed } = verification.code;
  return { kind: "send", created, verification: snapshotOf(verification), message, ordinal, sealed };
}

/** The answer where nobody sends the message: it stays queued. */
export function answerFor({ verification }: Placed, created: boolean): SendAnswer {
  return { kind: "send_answer", created, verification: snapshotOf(verification), failure: null };
}

/** True while there is a code to send. */
export function isSendable(verification: Verification): verification is Sendable {
  return verification.status === "pending" && verification.code !== null;
}
