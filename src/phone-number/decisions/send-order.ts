import type { Message, Route } from "../../messages/message.ts";
import type { SendAnswer, SendOrder } from "../answers.ts";
import type { PlacedMessage } from "../outbox.ts";
import { snapshotOf } from "../snapshot.ts";
import { isSendable, type Sendable, type Verification } from "../verification.ts";

/**
 * Adds a message to a verification.
 *
 * @param leasedAt When its sender took it; null while it waits in a queue.
 */
export function addMessage(
  verification: Sendable,
  route: Route,
  leasedAt: number | null,
  now: number,
): PlacedMessage {
  const message: Message = {
    channel: route.channel,
    template: route.template,
    language: route.language,
    timeToLiveSeconds: route.timeToLiveSeconds,
    status: "queued",
    providerMessageId: null,
    error: null,
    pricing: null,
    leasedAt,
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
export function orderFor({ verification, message, ordinal }: PlacedMessage, created: boolean): SendOrder {
  const { sealed } = verification.code;
  return { kind: "send", created, verification: snapshotOf(verification), message, ordinal, sealed };
}

/** The answer for a test number, whose message stays queued. */
export function answerFor({ verification }: PlacedMessage, created: boolean): SendAnswer {
  return {
    kind: "send_answer",
    created,
    verification: snapshotOf(verification),
    failure: null,
    retryAfterMs: 0,
  };
}

/** The answer to a start that is repeated after a fault of the platform: its id is known, since it was applied. */
export function orderAgain(begun: Verification): SendOrder | SendAnswer {
  const [message] = begun.messages;
  if (message === undefined || begun.test || !isSendable(begun)) {
    return {
      kind: "send_answer",
      created: true,
      verification: snapshotOf(begun),
      failure: null,
      retryAfterMs: 0,
    };
  }
  return orderFor({ verification: begun, message, ordinal: 0 }, true);
}
