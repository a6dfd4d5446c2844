import type { StatusUpdate } from "../channels/channel.ts";
import type { Binding } from "../codes/binding.ts";
import { type Code, proveCode } from "../codes/code.ts";
import { type IdempotencyKey, requestOf } from "../ids/idempotency-key.ts";
import { namesOf, type PhoneNumberName } from "../ids/phone-number-name.ts";
import { ownerOf, type VerificationId } from "../ids/verification-id.ts";
import type { DeliveryUpdate, PricedMessage } from "../messages/delivery-update.ts";
import type { ChannelName } from "../messages/message.ts";
import type { E164 } from "../numbering/e164.ts";
import type { DenyCommand } from "../phone-number/decisions/deny.ts";
import type { VerificationSnapshot } from "../phone-number/snapshot.ts";
import type { Attribution } from "../phone-number/verification.ts";
import type { Background } from "../platform/background.ts";
import { decoy } from "./decoy.ts";
import { MessageSender } from "./message-sender.ts";
import type { Asker, CheckResponse, SendResponse, StartRequest } from "./requests.ts";
import { type CodeRequestDependencies, CodeRequests, type SendGuard } from "./send-code.ts";

/** What a user typed, and what the app says it confirms. */
export interface GivenCode {
  readonly code: Code;
  readonly bind: Binding | null;
}

interface Dependencies extends CodeRequestDependencies {
  readonly guard: SendGuard & GuardFeedback;
}

/** What learns from what becomes of codes. */
interface GuardFeedback {
  /** A provider has said what it charges for. */
  onPriced(messages: readonly PricedMessage[]): void;
  /** The number's owner did not ask for it: these did. */
  onDenied(to: E164, heldTo: Attribution): Promise<void>;
}

/** The use cases. Nobody else calls a number's object. */
export class Verifications {
  readonly #deps: Dependencies;
  readonly #sender: MessageSender;

  readonly #requests: CodeRequests;

  constructor(dependencies: Dependencies) {
    this.#deps = dependencies;
    this.#sender = new MessageSender(dependencies);
    this.#requests = new CodeRequests(dependencies);
  }

  /** Starts a verification and sends its code; or sends the pending one of the same purpose and binding again. */
  start(request: StartRequest, key: IdempotencyKey | null, background: Background): Promise<SendResponse> {
    return this.#requests.start(request, key, background);
  }

  /** Sends a pending verification again, over another channel if one is named. */
  async resend(
    id: VerificationId,
    channelName: ChannelName | null,
    asker: Asker,
    key: IdempotencyKey | null,
    background: Background,
  ): Promise<SendResponse> {
    const pending = await this.get(id);
    if (pending === null) return { kind: "not_found" };
    return this.#requests.resend(pending, channelName, asker, key, background);
  }

  /**
   * Sends a message that an object had to leave to somebody: the next channel's turn. The object is asked
   * again first, so that a job that comes twice, or too late, sends nothing.
   */
  async sendLater(id: VerificationId, ordinal: number): Promise<void> {
    const name = ownerOf(id);
    const order = await this.#phoneNumber(name).claim({ id, ordinal });
    if (order.kind === "send") await this.#sender.send(order, { name, code: null, idempotency: null });
  }

  /** Checks a code by the verification's id. */
  checkById(id: VerificationId, given: GivenCode, key: IdempotencyKey | null): Promise<CheckResponse> {
    return this.#check(ownerOf(id), { id }, given, key);
  }

  /** Checks a code by the number it went to and the purpose it was for. */
  async checkByNumber(
    { to, purpose }: { readonly to: E164; readonly purpose: string },
    given: GivenCode,
    key: IdempotencyKey | null,
  ): Promise<CheckResponse> {
    const [current, ...previous] = namesOf(this.#deps.keyring, to);
    let response = await this.#check(current, { purpose }, given, key);
    // Only during a rotation of the secret key: the verification may have begun under the former one.
    for (const name of previous) {
      if (response.kind !== "not_found") break;
      response = await this.#check(name, { purpose }, given, key);
    }
    if (response.kind !== "not_found") return response;
    const verification = decoy(this.#deps.keyring, current, to, purpose, Date.now());
    return { kind: "check_answer", valid: false, verification };
  }

  /** Reads a verification; null when there is none, or it closed more than a day ago. */
  async get(id: VerificationId): Promise<VerificationSnapshot | null> {
    return this.#phoneNumber(ownerOf(id)).get(id);
  }

  /** Everything that a number's object still knows: what is pending, and what closed within the last day. */
  async listOf(to: E164): Promise<readonly VerificationSnapshot[]> {
    const names = namesOf(this.#deps.keyring, to);
    return (await Promise.all(names.map((name) => this.#phoneNumber(name).list()))).flat();
  }

  /** Cancels a pending verification; null when there is none. */
  async cancel(id: VerificationId): Promise<VerificationSnapshot | null> {
    return this.#phoneNumber(ownerOf(id)).cancel(id);
  }

  /**
   * Takes in status updates, those of one number in one call to its object; the updates that name no number
   * we could have written to are dropped. One promise a number, rejected when its updates were not stored.
   */
  recordUpdates(updates: readonly StatusUpdate[]): readonly Promise<void>[] {
    const byNumber = Map.groupBy(updates, ({ update, recipient }) => {
      if (update.message !== null) return ownerOf(update.message.id);
      return recipient && namesOf(this.#deps.keyring, recipient)[0];
    });
    return [...byNumber].map(async ([name, list]) => {
      if (name === null) return;
      const seen = list.map(({ update }) => this.#seen(update));
      this.#deps.guard.onPriced(await this.#phoneNumber(name).recordUpdates(seen));
    });
  }

  /** The number's owner says that they asked for no code; whoever did is held to it. */
  async deny(to: E164, denial: DenyCommand): Promise<void> {
    const heldTo = await this.#phoneNumber(namesOf(this.#deps.keyring, to)[0]).deny(denial);
    if (heldTo !== null) await this.#deps.guard.onDenied(to, heldTo);
  }

  /** An operator unlocks a number: false when nothing was held against it. */
  async unlock(to: E164): Promise<boolean> {
    const names = namesOf(this.#deps.keyring, to);
    return (await Promise.all(names.map((name) => this.#phoneNumber(name).unlock()))).includes(true);
  }

  async #check(
    name: PhoneNumberName,
    which: { readonly id: VerificationId } | { readonly purpose: string },
    { code, bind }: GivenCode,
    key: IdempotencyKey | null,
  ): Promise<CheckResponse> {
    const { keyring } = this.#deps;
    const proofs = proveCode(keyring, name, code, bind);
    const outcome = await this.#phoneNumber(name).check({
      which,
      proofs,
      idempotency: requestOf(keyring, "check", key),
    });
    return outcome.kind === "replayed" ? outcome.answer : outcome;
  }

  /** Nobody's identity is remembered where the deployment does not look at it. */
  #seen(update: DeliveryUpdate): DeliveryUpdate {
    return this.#deps.numberRules.identityChange === "off" ? { ...update, identityHash: null } : update;
  }

  #phoneNumber(name: PhoneNumberName) {
    return this.#deps.phoneNumbers.getByName(name);
  }
}
