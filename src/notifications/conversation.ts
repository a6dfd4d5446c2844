import type { ReplyButton } from "../channels/whatsapp/payload.ts";
import { type AppName, DEFAULT_APP } from "../ids/app-name.ts";
import { type IdempotencyKey, requestOf } from "../ids/idempotency-key.ts";
import { newNotificationId, notificationIdFor, recipientOf } from "../ids/notification-id.ts";
import { namesOf, type PhoneNumberName } from "../ids/phone-number-name.ts";
import type { ChannelFailure } from "../messages/message.ts";
import type { E164 } from "../numbering/e164.ts";
import type { Moved } from "../phone-number/pointer.ts";
import type { Background } from "../platform/async.ts";
import { log } from "../platform/log.ts";
import type { AcceptOutcome } from "./accept.ts";
import type { Received } from "./contact.ts";
import type { ClaimOutcome } from "./delivery.ts";
import type { Keyword } from "./keywords.ts";
import type { NotificationContent, NotificationSnapshot } from "./notification.ts";
import { isOptOut } from "./notification.ts";
import { NotificationSender, type NotificationSenderDependencies } from "./notification-sender.ts";

export interface ReplyRequest {
  readonly app: AppName;
  readonly to: E164;
  readonly text: string;
  readonly metadata: Readonly<Record<string, string>>;
}

export type ReplyOutcome =
  | AcceptOutcome
  | Extract<ClaimOutcome, { kind: "closed" | "idempotency_mismatch" | "idempotency_in_progress" }>
  | { readonly kind: "refused"; readonly failure: ChannelFailure };

/** A user's message, as far as it affects what they may be sent. */
export interface UserMessage {
  readonly from: E164;
  readonly id: string;
  readonly at: number;
  readonly keyword: Keyword | null;
  /** Whether the deployment's automatic reply would fit as an answer. */
  readonly mayBeAnswered: boolean;
  /** It has what looks like a token, and is none of this deployment. */
  readonly hasWrongToken: boolean;
}

/** A free-form message to a user who has just written, from this service rather than from a team. */
export interface AutomaticAnswer {
  readonly app: AppName;
  readonly to: E164;
  readonly text: string;
  readonly buttons: readonly ReplyButton[];
  /** The team's number that the user wrote to, by Meta's id. */
  readonly sender: string | null;
  /** The id of the message that it answers: a repeated webhook answers once. */
  readonly occasion: string;
}

interface Dependencies extends NotificationSenderDependencies {
  /** The automatic reply when a user opens a window; null for none. */
  readonly firstReply: string | null;
}

/** WhatsApp's error code for a closed window ("Error codes"). */
const OUTSIDE_WINDOW = "131047";

/** Users' messages, and replies within their 24-hour window. */
export class Conversation {
  readonly #deps: Dependencies;
  readonly #sender: NotificationSender;

  constructor(dependencies: Dependencies) {
    this.#deps = dependencies;
    this.#sender = new NotificationSender(dependencies);
  }

  /**
   * Sends a free-form text immediately if the user's window is open. It is not retried; the caller gets the
   * result. A client that disconnects does not interrupt the send.
   */
  async reply(
    { app, to, text, metadata }: ReplyRequest,
    key: IdempotencyKey | null,
    background: Background,
  ): Promise<ReplyOutcome> {
    const { keyring } = this.#deps;
    const [name] = namesOf(keyring, to);
    const id = newNotificationId(name);
    const context = { id, batch: null, idempotency: requestOf(keyring, key) };
    const work = this.#sender.send(context, { ...textFor(app, to, text), metadata }, true);
    background(work);
    const attempt = await work;
    if (attempt.kind === "attempted") {
      const { result, settled } = attempt;
      if (result.kind !== "refused") return accepted(settled.notification);
      return refused(result.failure);
    }
    const { claim } = attempt;
    switch (claim.kind) {
      case "closed":
      case "idempotency_mismatch":
      case "idempotency_in_progress":
        return claim;
      case "later":
        return { kind: "busy" };
      case "replayed":
        return replayed(claim.notification);
      default:
        return accepted(await this.#sender.contact(recipientOf(id)).get(id, app));
    }
  }

  /** Records a user's message. Durable when it resolves; repeats give the same result. */
  async received(message: UserMessage): Promise<Received> {
    const [name] = namesOf(this.#deps.keyring, message.from);
    let received = await this.#receivedBy(name, message, false);
    if ("kind" in received) received = await this.#receivedBy(received.name, message, true);
    if ("kind" in received) throw new Error("A contact object named another one twice");
    return received;
  }

  /** Counts a message whose token proved nothing. */
  async recordWrongToken({ from, id }: Pick<UserMessage, "from" | "id">): Promise<void> {
    const [name] = namesOf(this.#deps.keyring, from);
    const moved = await this.#sender.contact(name).recordWrongToken(id);
    if (moved !== null) await this.#sender.contact(moved.name).recordWrongToken(id, true);
  }

  /** Queues an answer to a message that has been recorded. */
  async answer({ app, to, text, buttons, sender, occasion }: AutomaticAnswer): Promise<void> {
    const [name] = namesOf(this.#deps.keyring, to);
    const id = notificationIdFor(name, `answer to ${occasion}`);
    const message = { kind: "text", text, buttons, sender: sender ?? undefined } as const;
    const outcome = await this.#sender.accept(
      await this.#sender.toAcceptCommand(id, { app, to, message, metadata: {} }, null),
    );
    if (outcome.kind !== "accepted") log("warn", "A user was not answered", { outcome: outcome.kind });
  }

  async #receivedBy(
    name: PhoneNumberName,
    { from, id, at, keyword, mayBeAnswered, hasWrongToken }: UserMessage,
    isMoved: boolean,
  ): Promise<Moved | Received> {
    const { firstReply: text } = this.#deps;
    // Derived from the user's message, so that a repeated webhook does not send a second reply.
    const replyId = notificationIdFor(name, `first reply to ${id}`);
    const firstReply =
      mayBeAnswered && text !== null
        ? await this.#sender.toAcceptCommand(replyId, textFor(DEFAULT_APP, from, text), null)
        : null;
    const formerConsent = await this.#sender.formerConsent(name, from);
    const command = { at, keyword, formerConsent, firstReply, wrongTokenIn: hasWrongToken ? id : null };
    // Meta's call comes from one place in the world, and may be the first about this person.
    return this.#sender.contact(name, from).received(command, isMoved);
  }
}

function textFor(app: AppName, to: E164, text: string): NotificationContent {
  return { app, to, message: { kind: "text", text }, metadata: {} };
}

function refused(failure: ChannelFailure): ReplyOutcome {
  // WhatsApp's clock may differ from ours by seconds.
  return failure.code === OUTSIDE_WINDOW
    ? { kind: "closed", endedAt: Date.now() }
    : { kind: "refused", failure };
}

/** The first answer again. A refusal that was temporary is not remembered. */
function replayed(notification: NotificationSnapshot): ReplyOutcome {
  const { status, providerMessageId, error } = notification;
  const wasRefused = status === "failed" && providerMessageId === null && !isOptOut(error);
  return wasRefused && error !== null
    ? refused({ ...error, channel: "whatsapp", temporary: false })
    : accepted(notification);
}

function accepted(notification: NotificationSnapshot | null): AcceptOutcome {
  if (notification === null)
    throw new Error("The contact object lost a notification while it was being sent");
  return { kind: "accepted", notification };
}
