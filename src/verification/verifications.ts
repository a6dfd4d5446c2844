import { toCallbackData } from "../channels/callback-data.ts";
import type { Channel } from "../channels/channel.ts";
import type { Keyring } from "../keyring.ts";
import type { E164 } from "../phone/e164.ts";
import type { TemplateStore } from "../templates/store.ts";
import { type Code, drawCode, openCode, proveCode, sealCode } from "./code.ts";
import type { CheckOutcome } from "./decisions/check.ts";
import type { DeliveryUpdate } from "./decisions/delivery.ts";
import type { IdempotencyRequest, SendAnswer } from "./decisions/idempotency.ts";
import type { CandidateCode, Route, SendOutcome } from "./decisions/send.ts";
import type { PhoneNumber } from "./phone-number.ts";
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

interface Dependencies {
  readonly phoneNumbers: DurableObjectNamespace<PhoneNumber>;
  readonly keyring: Keyring;
  readonly policies: ReadonlyMap<string, Policy>;
  readonly templates: TemplateStore;
  readonly channels: ReadonlyMap<ChannelName, Channel>;
  readonly defaultLocale: string;
}

/** The use cases. Nobody else calls a number's object. */
export class Verifications {
  readonly #deps: Dependencies;

  constructor(dependencies: Dependencies) {
    this.#deps = dependencies;
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
    const channel = this.#firstConfigured(request.channels ?? policy.channels);
    if (channel === undefined) return { kind: "channel_not_configured" };

    const [name] = namesOf(keyring, to);
    const locale = { tag: request.locale ?? defaultLocale, asked: request.locale !== null };
    const attempt: SendAttempt = {
      name,
      code: this.#candidate(name, request.code, policy, bind),
      route: await this.#route(channel, policy, locale.tag),
      idempotency: this.#idempotency("start", idempotencyKey),
    };
    const id = newVerificationId(name);
    const outcome = await this.#phoneNumber(name).start({
      ...{ id, to, purpose, policy, locale, bind, metadata },
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
    const channel = this.#firstConfigured(wanted === null ? policy.channels : [wanted]);
    if (channel === undefined) return { kind: "channel_not_configured" };

    const name = ownerOf(id);
    const attempt: SendAttempt = {
      name,
      code: this.#candidate(name, null, policy, pending.bind),
      route: await this.#route(channel, policy, pending.locale),
      idempotency: this.#idempotency(`resend ${id}`, idempotencyKey),
    };
    const outcome = await this.#phoneNumber(name).resend({ id, ...commandOf(attempt) });
    return this.#deliver(outcome, attempt, background);
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

  /** Cancels a pending verification; null when there is none. */
  async cancel(id: VerificationId): Promise<VerificationSnapshot | null> {
    return this.#phoneNumber(ownerOf(id)).cancel(id);
  }

  /** Takes in status updates that all belong to one number. Rejects when they could not be stored. */
  async recordUpdates(name: PhoneNumberName, updates: readonly DeliveryUpdate[]): Promise<void> {
    await this.#phoneNumber(name).recordUpdates(updates);
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

  /**
   * Sends what the object has decided to send. A client that hangs up interrupts nothing: the work is also
   * handed to the background. Success costs no second call to the object, for the provider's updates will
   * tell it; only an idempotency key has to be told its answer.
   */
  async #deliver(outcome: SendOutcome, attempt: SendAttempt, background: Background): Promise<SendResponse> {
    if (outcome.kind === "replayed") return outcome.answer;
    if (outcome.kind !== "send") return outcome;
    const work = this.#sendAndSettle(outcome, attempt);
    background(work);
    return work;
  }

  async #sendAndSettle(
    outcome: Extract<SendOutcome, { kind: "send" }>,
    { name, code, idempotency }: SendAttempt,
  ): Promise<SendAnswer> {
    const { verification, ordinal, message, created, sealed } = outcome;
    const channel = this.#deps.channels.get(message.channel);
    if (channel === undefined) throw new Error("The object named a channel that is not configured");
    const result = await channel.send({
      to: verification.to,
      code: sealed === code.sealed ? code.plain : openCode(this.#deps.keyring, name, sealed),
      template: message.template,
      language: message.language,
      callbackData: toCallbackData({ id: verification.id, ordinal }),
    });
    if (result.kind === "accepted" && idempotency === null) {
      const messages = verification.messages.with(ordinal, {
        ...message,
        providerMessageId: result.providerMessageId,
      });
      return { kind: "send_answer", created, verification: { ...verification, messages }, failure: null };
    }
    const settled = await this.#phoneNumber(name).settle({
      ...{ id: verification.id, ordinal, created, result },
      idempotencyKey: idempotency?.key ?? null,
    });
    if (settled === null)
      throw new Error("The object forgot a verification while its message was being sent");
    return settled;
  }

  #phoneNumber(name: PhoneNumberName) {
    return this.#deps.phoneNumbers.getByName(name);
  }

  /** A purpose that was taken out of the configuration still has verifications to finish. */
  #policyFor(purpose: string): Policy {
    return this.#deps.policies.get(purpose) ?? DEFAULT_POLICY;
  }

  #firstConfigured(names: readonly ChannelName[]): ChannelName | undefined {
    return names.find((name) => this.#deps.channels.has(name));
  }

  async #route(channel: ChannelName, policy: Policy, locale: string): Promise<Route> {
    if (channel !== "whatsapp") return { channel, template: null, language: null };
    return { channel, ...(await this.#deps.templates.choose(policy.template, locale)) };
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
