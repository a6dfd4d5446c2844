import type { Message } from "../../messages/message.ts";
import type { Route, SendAnswer, SendOrder } from "../answers.ts";
import { snapshotOf } from "../snapshot.ts";
import type { StoredCode, Verification } from "../verification.ts";
/** A verification that can still be sent. */
export type Sendable = Verification & { readonly code: StoredCode };

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
    leasedAt: takenAt,
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
