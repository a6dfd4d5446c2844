import type { Dispatch } from "../channels/whatsapp/dispatch.ts";
import type { IdempotencyRequest } from "../ids/idempotency-key.ts";
import { type NotificationId, recipientOf } from "../ids/notification-id.ts";
import { namesOf, type PhoneNumberName } from "../ids/phone-number-name.ts";
import { protectNumber } from "../ids/protected-number.ts";
import type { SendResult } from "../messages/message.ts";
import type { E164 } from "../numbering/e164.ts";
import { regionOf } from "../numbering/region.ts";
import type { Moved } from "../phone-number/pointer.ts";
import type { Keyring } from "../platform/keyring.ts";
import type { AcceptCommand, AcceptOutcome, Draft } from "./accept.ts";
import { joinConsent } from "./consent.ts";
import type { Contact } from "./contact.ts";
import type { ConsentState } from "./contact-state.ts";
import { payloadOf, sealContent } from "./content.ts";
import type { ClaimOutcome, Settled } from "./delivery.ts";
import type { NotificationContent, NotificationJob } from "./notification.ts";

export interface NotificationSenderDependencies {
  readonly contacts: DurableObjectNamespace<Contact>;
  readonly keyring: Keyring;
  readonly dispatch: Dispatch;
}

/** The notification to send and its batch, if any. */
export interface SendContext extends Pick<NotificationJob, "id" | "batch"> {
  readonly idempotency?: IdempotencyRequest | null;
}

export type SendAttempt =
  /** The contact object did not allow the send: already sent, not now, or not to this recipient. */
  | { readonly kind: "not_sent"; readonly claim: Exclude<ClaimOutcome, { kind: "send" }> }
  | { readonly kind: "attempted"; readonly result: SendResult; readonly settled: Settled };

/** Sends the notifications that contact objects allow, and reports each result to them. */
export class NotificationSender {
  readonly #deps: NotificationSenderDependencies;

  constructor(dependencies: NotificationSenderDependencies) {
    this.#deps = dependencies;
  }

  /**
   * Sends a notification. The contact object leases it before the send and records the result afterwards, so
   * that nothing is sent twice. If this call is interrupted, the next one waits until the lease has expired.
   *
   * @param isLast whether a temporary rejection is final, because no job will retry it
   */
  async send(context: SendContext, content: NotificationContent, isLast: boolean): Promise<SendAttempt> {
    const { id } = context;
    const { to, message } = content;
    const contact = this.contact(recipientOf(id));
    const claim = await this.#claim(await this.#draft(context, content));
    if (claim.kind !== "send") return { kind: "not_sent", claim };
    const result = await this.#deps.dispatch.send({
      to,
      payload: payloadOf(id, content),
      priority: "notification",
      template: message.kind === "template" ? { name: message.name, language: message.language } : null,
      sender: message.kind === "text" ? message.sender : undefined,
    });
    return { kind: "attempted", result, settled: await contact.settle({ id, result, isLast }) };
  }

  /** Builds the command by which a contact object accepts a notification and queues its job. */
  async toAcceptCommand(
    id: NotificationId,
    content: NotificationContent,
    idempotency: IdempotencyRequest | null,
  ): Promise<AcceptCommand> {
    const job = { id, sealed: sealContent(this.#deps.keyring, id, content), batch: null };
    return { ...(await this.#draft({ ...job, idempotency }, content)), job };
  }

  /**
   * The consent stored under the number's other names; null where it has none. A number has several while the
   * secret key rotates, and where it was spelled otherwise before.
   */
  async formerConsent(name: PhoneNumberName, to: E164): Promise<ConsentState | null> {
    const otherNames = namesOf(this.#deps.keyring, to).filter((candidate) => candidate !== name);
    if (otherNames.length === 0) return null;
    const consents = otherNames.map((other): Promise<ConsentState> => this.contact(other).consent());
    return (await Promise.all(consents)).reduce(joinConsent);
  }

  /** Has the recipient's object accept a notification. */
  async accept(command: AcceptCommand): Promise<AcceptOutcome> {
    const contact = this.contact(recipientOf(command.id));
    const outcome: AcceptOutcome | Moved = await contact.accept(command);
    if (outcome.kind !== "moved") return outcome;
    const again: AcceptOutcome | Moved = await contact.accept(
      await this.#withConsentOf(outcome, command),
      true,
    );
    return known(again);
  }

  async #claim(draft: Draft): Promise<ClaimOutcome> {
    const contact = this.contact(recipientOf(draft.id));
    const outcome: ClaimOutcome | Moved = await contact.claim(draft);
    if (outcome.kind !== "moved") return outcome;
    const again: ClaimOutcome | Moved = await contact.claim(await this.#withConsentOf(outcome, draft), true);
    return known(again);
  }

  /** The person's consent is recorded under the number that they are usually dialled by. */
  async #withConsentOf<Command extends Draft>({ name }: Moved, command: Command): Promise<Command> {
    const consent: ConsentState = await this.contact(name).consent();
    const { formerConsent } = command;
    return {
      ...command,
      formerConsent: formerConsent === null ? consent : joinConsent(formerConsent, consent),
    };
  }

  /** @param owner the person's number, where the call may be the first for them and comes from elsewhere */
  contact(name: PhoneNumberName, owner?: E164) {
    const { contacts } = this.#deps;
    return owner === undefined
      ? contacts.getByName(name)
      : contacts.getByName(name, { locationHint: regionOf(owner) });
  }

  async #draft(
    { id, batch, idempotency = null }: SendContext,
    { app, to, message, metadata }: NotificationContent,
  ): Promise<Draft> {
    const name = recipientOf(id);
    return {
      id,
      app,
      idempotency,
      to,
      metadata,
      batch: batch?.id ?? null,
      template: message.kind === "template" ? message.name : null,
      language: message.kind === "template" ? message.language : null,
      protectedNumber: protectNumber(this.#deps.keyring, name, to),
      formerConsent: await this.formerConsent(name, to),
    };
  }
}

function known<Outcome extends { readonly kind: string }>(outcome: Outcome | Moved): Exclude<Outcome, Moved> {
  if (outcome.kind === "moved") throw new Error("A contact object named another one twice");
  return outcome as Exclude<Outcome, Moved>;
}
