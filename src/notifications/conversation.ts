import { newNotificationId, notificationIdFor, recipientOf } from "../ids/notification-id.ts";
import { namesOf } from "../ids/phone-number-name.ts";
import type { ChannelFailure } from "../messages/message.ts";
import type { E164 } from "../numbering/e164.ts";
import type { Background } from "../platform/background.ts";
import type { AcceptOutcome } from "./accept.ts";
import type { Word } from "./consent.ts";
import type { ClaimOutcome } from "./delivery.ts";
import type { NotificationContent, NotificationSnapshot } from "./notification.ts";
import { Courier, type CourierDependencies } from "./notification-sender.ts";

export interface ReplyRequest {
  readonly to: E164;
  readonly text: string;
  readonly metadata: Readonly<Record<string, string>>;
}

export type ReplyOutcome =
  | AcceptOutcome
  | Extract<ClaimOutcome, { kind: "closed" }>
  | { readonly kind: "refused"; readonly failure: ChannelFailure };

/** What a user wrote, as far as it changes what they may be sent. */
export interface UserMessage {
  readonly from: E164;
  readonly id: string;
  readonly at: number;
  readonly says: Word | null;
  /** Whether the deployment's first reply, if it has one, would be an answer to it. */
  readonly mayBeAnswered: boolean;
}

interface Dependencies extends CourierDependencies {
  /** The automatic answer to whoever opens a window; null for none. */
  readonly firstReply: string | null;
}

/** WhatsApp's own word for a closed window ("Error codes"). */
const OUTSIDE_WINDOW = "131047";

/** What users write, and what they are answered within their 24-hour window. */
export class Conversation {
  readonly #deps: Dependencies;
  readonly #courier: Courier;

  constructor(dependencies: Dependencies) {
    this.#deps = dependencies;
    this.#courier = new Courier(dependencies);
  }

  /**
   * Sends a free-form text at once, if the user's window is open. It is not tried again: whoever asks is told
   * what came of it. A client that hangs up interrupts nothing.
   */
  async reply({ to, text, metadata }: ReplyRequest, background: Background): Promise<ReplyOutcome> {
    const [name] = namesOf(this.#deps.keyring, to);
    const id = newNotificationId(name);
    const work = this.#courier.carry({ id, batch: null }, { ...textFor(to, text), metadata }, true);
    background(work);
    const carried = await work;
    if (carried.kind === "tried") {
      const { result, settled } = carried;
      if (result.kind !== "refused") return accepted(settled.notification);
      const { failure } = result;
      // Our clock and WhatsApp's need not agree to the second.
      if (failure.code === OUTSIDE_WINDOW) return { kind: "closed", endedAt: Date.now() };
      return { kind: "refused", failure };
    }
    const { claim } = carried;
    if (claim.kind === "closed") return claim;
    if (claim.kind === "later") return { kind: "busy" };
    return accepted(await this.#courier.contact(recipientOf(id)).get(id));
  }

  /** Takes in what a user wrote; durable when it resolves, and the same however often it is told. */
  async received({ from, id, at, says, mayBeAnswered }: UserMessage): Promise<void> {
    const { keyring, firstReply: text } = this.#deps;
    const [name] = namesOf(keyring, from);
    // The same for the same message of the user's, so that a repeated webhook answers nothing twice.
    const replyId = notificationIdFor(name, `first reply to ${id}`);
    const firstReply =
      mayBeAnswered && text !== null ? await this.#courier.commandFor(replyId, textFor(from, text)) : null;
    const elsewhere = await this.#courier.elsewhere(name, from);
    await this.#courier.contact(name).received({ at, says, elsewhere, firstReply });
  }
}

function textFor(to: E164, text: string): NotificationContent {
  return { to, says: { kind: "text", text }, metadata: {} };
}

function accepted(notification: NotificationSnapshot | null): AcceptOutcome {
  if (notification === null) throw new Error("The object forgot a notification while it was being sent");
  return { kind: "accepted", notification };
}
