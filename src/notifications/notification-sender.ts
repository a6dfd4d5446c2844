import type { Dispatch } from "../channels/whatsapp/dispatch.ts";
import { type NotificationId, recipientOf } from "../ids/notification-id.ts";
import { namesOf, type PhoneNumberName } from "../ids/phone-number-name.ts";
import { protectNumber } from "../ids/protected-number.ts";
import type { SendResult } from "../messages/message.ts";
import type { E164 } from "../numbering/e164.ts";
import type { Keyring } from "../platform/keyring.ts";
import type { AcceptCommand, Draft } from "./accept.ts";
import type { Contact } from "./contact.ts";
import type { ConsentState } from "./contact-state.ts";
import { payloadOf, sealContent } from "./content.ts";
import type { ClaimOutcome, Settled } from "./delivery.ts";
import type { NotificationContent, NotificationJob } from "./notification.ts";

/** What it takes to send a notification. */
export interface CourierDependencies {
  readonly contacts: DurableObjectNamespace<Contact>;
  readonly keyring: Keyring;
  readonly dispatch: Dispatch;
}

export type Errand = Pick<NotificationJob, "id" | "batch">;

export type Carried =
  /** There was nothing to send, or not now, or not to this recipient. */
  | { readonly kind: "not_sent"; readonly claim: Exclude<ClaimOutcome, { kind: "send" }> }
  | { readonly kind: "tried"; readonly result: SendResult; readonly settled: Settled };

/** Sends what the recipients' objects allow, and tells them what became of it. */
export class Courier {
  readonly #deps: CourierDependencies;

  constructor(dependencies: CourierDependencies) {
    this.#deps = dependencies;
  }

  /**
   * Sends a notification. Its recipient's object is asked before and told after, so that nothing is sent twice;
   * when this is interrupted, the next one waits until nobody can be at it.
   *
   * @param isLast whether nobody will try again after a temporary refusal
   */
  async carry(errand: Errand, content: NotificationContent, isLast: boolean): Promise<Carried> {
    const { id } = errand;
    const { to, says } = content;
    const contact = this.contact(recipientOf(id));
    const claim = await contact.claim(await this.#draft(errand, content));
    if (claim.kind !== "send") return { kind: "not_sent", claim };
    const result = await this.#deps.dispatch.send({
      to,
      payload: payloadOf(id, content),
      priority: "notification",
      template: says.kind === "template" ? { name: says.name, language: says.language } : null,
    });
    return { kind: "tried", result, settled: await contact.settle({ id, result, isLast }) };
  }

  /** What has an object take a notification on, and the queue send it. */
  async commandFor(id: NotificationId, content: NotificationContent): Promise<AcceptCommand> {
    const job = { id, sealed: sealContent(this.#deps.keyring, id, content), batch: null };
    return { ...(await this.#draft(job, content)), job };
  }

  /** What another object knows of the user: only during a rotation of the secret key does a number have another. */
  async elsewhere(name: PhoneNumberName, to: E164): Promise<ConsentState | null> {
    const other = namesOf(this.#deps.keyring, to).find((one) => one !== name);
    return other === undefined ? null : this.contact(other).consent();
  }

  contact(name: PhoneNumberName) {
    return this.#deps.contacts.getByName(name);
  }

  async #draft({ id, batch }: Errand, { to, says, metadata }: NotificationContent): Promise<Draft> {
    const name = recipientOf(id);
    return {
      id,
      to,
      metadata,
      batch: batch?.id ?? null,
      template: says.kind === "template" ? says.name : null,
      language: says.kind === "template" ? says.language : null,
      protectedNumber: protectNumber(this.#deps.keyring, name, to),
      elsewhere: await this.elsewhere(name, to),
    };
  }
}
