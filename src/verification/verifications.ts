import type { StatusUpdate } from "../channels/status-update.ts";
import type { EventType } from "../events/event.ts";
import { countryOf, type E164, maskNumber } from "../phone/e164.ts";
import { type Code, drawCode, proveCode, sealCode } from "./code.ts";
import { Courier, type CourierDependencies, routeTo } from "./courier.ts";
import type { CheckOutcome } from "./decisions/check.ts";
import type { IdempotencyRequest, SendAnswer } from "./decisions/idempotency.ts";
import type { CandidateCode, SendOutcome } from "./decisions/send.ts";
import type { Route } from "./decisions/send-order.ts";
import type { Binding } from "./phone-state.ts";
import { type ChannelName, DEFAULT_POLICY, type Policy } from "./policy.ts";
import type { VerificationSnapshot } from "./snapshot.ts";
import {
  namesOf,
  newVerificationId,
  ownerOf,
  type PhoneNumberName,
  type VerificationId,
} from "./verification-id.ts";

/** What an app asks for when it starts a verification; everything in it has been validated. */
export interface StartRequest {
  readonly to: E164;
  readonly purpose: string;
  readonly locale: string | null;
  /** In order of preference; null leaves it to the policy. */
  readonly channels: readonly ChannelName[] | null;
  /** The caller's own code; null has one drawn. */
  readonly code: Code | null;
  readonly bind: Binding | null;
  readonly metadata: Readonly<Record<string, string>> | null;
}

/** Who asks, under which key, so that the same request twice is one request. */
export interface IdempotencyKey {
  readonly caller: string;
  readonly key: string;
  readonly content: string;
}

export type SendResponse =
  | SendAnswer
  | Exclude<SendOutcome, { kind: "send" } | { kind: "replayed" }>
  | { readonly kind: "channel_not_configured" };

export type CheckResponse = Exclude<CheckOutcome, { kind: "replayed" }>;

/** Keeps work going after the client has hung up: the `waitUntil` of the request's context. */
export type Background = (work: Promise<unknown>) => void;

interface Dependencies extends CourierDependencies {
  readonly defaultLocale: string;
  readonly subscriptions: Subscriptions;
}

/** Knows which events somebody wants. Must answer from memory where it can: every start asks. */
export interface Subscriptions {
  interests(background: Background): Promise<ReadonlySet<EventType>>;
}

/** The use cases. Nobody else calls a number's object. */
export class Verifications {
  readonly #deps: Dependencies;
  readonly #courier: Courier;

  constructor(dependencies: Dependencies) {
    this.#deps = dependencies;
    this.#courier = new Courier(dependencies);
  }

  /** Starts a verification and sends its code; or sends the pending one of the same purpose and binding again. */
  async start(
    request: StartRequest,
    idempotencyKey: IdempotencyKey | null,
    background: Background,
  ): Promise<SendResponse> {
    const { keyring, defaultLocale } = this.#deps;
    const { to, purpose, bind, metadata } = request;
    const policy = this.#policyFor(purpose);
    const channels = this.#configured(request.channels ?? policy.channels);
    const [channel] = channels;
    if (channel === undefined) return { kind: "channel_not_configured" };

    const [name] = namesOf(keyring, to);
    const locale = { tag: request.locale ?? defaultLocale, asked: request.locale !== null };
    const [route, wanted] = await Promise.all([
      routeTo(channel, policy, locale.tag, this.#deps.templates),
      this.#deps.subscriptions.interests(background),
    ]);
    const attempt: SendAttempt = {
      ...{ name, route, code: this.#candidate(name, request.code, policy, bind) },
      idempotency: this.#idempotency("start", idempotencyKey),
    };
    const outcome = await this.#phoneNumber(name).start({
      ...{ id: newVerificationId(name), to, purpose, policy, channels, locale, bind, metadata },
      numberInEvents: { toMasked: maskNumber(to), toSealed: keyring.seal(to, name), country: countryOf(to) },
      wanted: [...wanted],
      ...commandOf(attempt),
    });
    return this.#deliver(outcome, attempt, background);
  }

  /** Sends a pending verification again, over another channel if one is named. */
  async resend(
    id: VerificationId,
    channelName: ChannelName | null,
    idempotencyKey: IdempotencyKey | null,
    background: Background,
  ): Promise<SendResponse> {
    const pending = await this.get(id);
    if (pending === null) return { kind: "not_found" };
    const policy = this.#policyFor(pending.purpose);
    const wanted = channelName ?? pending.channel;
    const [channel] = this.#configured(wanted === null ? policy.channels : [wanted]);
    if (channel === undefined) return { kind: "channel_not_configured" };

    const name = ownerOf(id);
    const attempt: SendAttempt = {
      name,
      code: this.#candidate(name, null, policy, pending.bind),
      route: await routeTo(channel, policy, pending.locale, this.#deps.templates),
      idempotency: this.#idempotency(`resend ${id}`, idempotencyKey),
    };
    const outcome = await this.#phoneNumber(name).resend({ id, ...commandOf(attempt) });
    return this.#deliver(outcome, attempt, background);
  }

  /**
   * Sends a message that an object had to leave to somebody: the next channel's turn. The object is asked
   * again first, so that a job that comes twice, or too late, sends nothing.
   */
  async sendLater(id: VerificationId, ordinal: number): Promise<void> {
    const name = ownerOf(id);
    const order = await this.#phoneNumber(name).claim({ id, ordinal });
    if (order.kind === "send") await this.#courier.carryOut(order, { name, code: null, idempotency: null });
  }

  /** Checks a code by the verification's id. */
  async checkById(
    id: VerificationId,
    code: Code,
    bind: Binding | null,
    idempotencyKey: IdempotencyKey | null,
  ): Promise<CheckResponse> {
    return this.#check(ownerOf(id), { id }, code, bind, idempotencyKey);
  }

  /** Checks a code by the number it went to and the purpose it was for. */
  async checkByNumber(
    to: E164,
    purpose: string,
    code: Code,
    bind: Binding | null,
    idempotencyKey: IdempotencyKey | null,
  ): Promise<CheckResponse> {
    const [current, ...previous] = namesOf(this.#deps.keyring, to);
    let response = await this.#check(current, { purpose }, code, bind, idempotencyKey);
    // Only during a rotation of the secret key: the verification may have begun under the former one.
    for (const name of previous) {
      if (response.kind !== "not_found") break;
      response = await this.#check(name, { purpose }, code, bind, idempotencyKey);
    }
    return response;
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
      if (name !== null) await this.#phoneNumber(name).recordUpdates(list.map(({ update }) => update));
    });
  }

  /** The number's owner says that they asked for no code. */
  async deny(to: E164, providerMessageId: string | null): Promise<void> {
    await this.#phoneNumber(namesOf(this.#deps.keyring, to)[0]).deny(providerMessageId);
  }

  async #check(
    name: PhoneNumberName,
    which: { readonly id: VerificationId } | { readonly purpose: string },
    code: Code,
    bind: Binding | null,
    key: IdempotencyKey | null,
  ): Promise<CheckResponse> {
    const proofs = proveCode(this.#deps.keyring, name, code, bind);
    const idempotency = this.#idempotency("check", key);
    const outcome = await this.#phoneNumber(name).check({ which, proofs, idempotency });
    return outcome.kind === "replayed" ? outcome.answer : outcome;
  }

  /** A client that hangs up interrupts nothing: the work is also handed to the background. */
  async #deliver(outcome: SendOutcome, attempt: SendAttempt, background: Background): Promise<SendResponse> {
    if (outcome.kind === "replayed") return outcome.answer;
    if (outcome.kind !== "send") return outcome;
    const work = this.#courier.carryOut(outcome, attempt);
    background(work);
    return work;
  }

  #phoneNumber(name: PhoneNumberName) {
    return this.#deps.phoneNumbers.getByName(name);
  }

  /** A purpose that was taken out of the configuration still has verifications to finish. */
  #policyFor(purpose: string): Policy {
    return this.#deps.policies.get(purpose) ?? DEFAULT_POLICY;
  }

  #configured(names: readonly ChannelName[]): readonly ChannelName[] {
    return names.filter((name) => this.#deps.channels.has(name));
  }

  #candidate(name: PhoneNumberName, brought: Code | null, policy: Policy, bind: Binding | null) {
    const { keyring } = this.#deps;
    const plain = brought ?? drawCode(policy);
    const [proof] = proveCode(keyring, name, plain, bind);
    return { plain, proof, sealed: sealCode(keyring, name, plain), broughtByCaller: brought !== null };
  }

  #idempotency(operation: string, key: IdempotencyKey | null): IdempotencyRequest | null {
    if (key === null) return null;
    const mac = (parts: readonly string[]) =>
      this.#deps.keyring.mac("request", JSON.stringify(parts))[0].toString("base64url");
    return { key: mac([operation, key.caller, key.key]), content: mac([operation, key.content]) };
  }
}

/** A send in the making. The plain code stays on this side of the object. */
interface SendAttempt {
  readonly name: PhoneNumberName;
  readonly code: CandidateCode & { readonly plain: Code };
  readonly route: Route;
  readonly idempotency: IdempotencyRequest | null;
}

function commandOf({ code, route, idempotency }: SendAttempt) {
  const { proof, sealed, broughtByCaller } = code;
  return { code: { proof, sealed, broughtByCaller }, route, idempotency };
}
