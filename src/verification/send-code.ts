import type { Binding } from "../codes/binding.ts";
import { type Code, drawCode, proveCode, sealCode } from "../codes/code.ts";
import { networkTag } from "../guard/fence.ts";
import type { GuardRequest, RuleMatch } from "../guard/rule.ts";
import type { TestNumbers } from "../guard/test-numbers.ts";
import { type IdempotencyKey, requestOf } from "../ids/idempotency-key.ts";
import type { PhoneNumberName } from "../ids/phone-number-name.ts";
import { namesOf } from "../ids/phone-number-name.ts";
import { newVerificationId, ownerOf } from "../ids/verification-id.ts";
import type { ChannelName } from "../messages/message.ts";
import { countryOf, type E164, maskNumber } from "../numbering/e164.ts";
import { localeOfCountry } from "../numbering/locale.ts";
import type { Route } from "../phone-number/answers.ts";
import { DENIALS_LIMIT } from "../phone-number/decisions/refusal.ts";
import {
  type CandidateCode,
  frozen,
  type NumberRules,
  type SendOutcome,
} from "../phone-number/decisions/send.ts";
import { DEFAULT_POLICY, NUMBER_LIMITS, type Policy } from "../phone-number/policy.ts";
import type { VerificationSnapshot } from "../phone-number/snapshot.ts";
import { VERIFICATION_EVENT_TYPES } from "../phone-number/verification.ts";
import type { Background } from "../platform/background.ts";
import { DAY_MS } from "../platform/time.ts";
import {
  firstRoute,
  MessageSender,
  type MessageSenderDependencies,
  routeTo,
  withoutTemplate,
} from "./message-sender.ts";
import type { Asker, SendResponse, StartRequest, Subscriptions } from "./requests.ts";

export interface CodeRequestDependencies extends MessageSenderDependencies {
  readonly defaultLocale: string;
  readonly guard: SendGuard;
  readonly numberRules: NumberRules;
  readonly testNumbers: TestNumbers;
  readonly subscriptions: Subscriptions;
}

/** What is asked before a send, and told of what the number's own object found. */
export interface SendGuard {
  evaluate(question: GuardRequest, background: Background): Promise<RuleMatch | null>;
  reportDecision(finding: RuleMatch, question: GuardRequest): Promise<void>;
  onSent(question: GuardRequest, background: Background): void;
  onNotSent(question: GuardRequest): Promise<void>;
}

/** What a user is asked to wait for: a code that begins a verification, or is sent again. */
export class CodeRequests {
  readonly #deps: CodeRequestDependencies;
  readonly #sender: MessageSender;

  constructor(dependencies: CodeRequestDependencies) {
    this.#deps = dependencies;
    this.#sender = new MessageSender(dependencies);
  }

  async start(
    request: StartRequest,
    key: IdempotencyKey | null,
    background: Background,
  ): Promise<SendResponse> {
    const { keyring, policies, templates, guard, defaultLocale, subscriptions } = this.#deps;
    const { to, purpose, bind, metadata, asker } = request;
    const policy = policies.get(purpose) ?? DEFAULT_POLICY;
    const channels = this.#configured(request.channels ?? policy.channels);
    const [channel] = channels;
    if (channel === undefined) return { kind: "channel_not_configured" };

    const test = this.#deps.testNumbers.get(to);
    const [name] = namesOf(keyring, to);
    const country = countryOf(to);
    const tag = request.locale ?? localeOfCountry(country) ?? defaultLocale;
    const question = { to, name, country, purpose, ...asker, metadata: metadata ?? {} };
    const [finding, first, wanted] = await Promise.all([
      guard.evaluate(question, background),
      test === undefined
        ? firstRoute(channels, policy, tag, templates)
        : { route: withoutTemplate(channel), channels: [channel] },
      subscriptions.subscribedTypes(background),
    ]);
    if (finding !== null) return { kind: "blocked", finding };
    if (first === null) return this.#without({ kind: "no_template" }, question, background);

    const attempt: SendAttempt = {
      question,
      route: first.route,
      code: this.#candidate(name, test?.code ?? request.code, policy, bind),
      idempotency: requestOf(keyring, "start", key),
    };
    const outcome = await this.#phoneNumber(name).start({
      id: newVerificationId(name),
      to,
      purpose,
      policy: frozen(policy),
      bind,
      metadata,
      channels: first.channels,
      locale: { tag, asked: request.locale !== null },
      numberInEvents: { toMasked: maskNumber(to), toSealed: keyring.seal(to, name), country },
      subscribedTypes: VERIFICATION_EVENT_TYPES.filter((type) => wanted.has(type)),
      attribution: { limits: asker.limits, network: asker.client.ip && networkTag(keyring, asker.client.ip) },
      test: test !== undefined,
      ...this.#commandOf(attempt),
    });
    if (outcome.kind !== "identity_changed") return this.#deliver(outcome, attempt, background);
    const others = first.channels.filter((channel) => channel !== "whatsapp");
    if (others.length === 0) return this.#distrust(question, background);
    background(guard.onNotSent(question));
    return this.start({ ...request, channels: others }, key, background);
  }

  /** Sends a pending verification again, over another channel if one is named. */
  async resend(
    pending: VerificationSnapshot,
    channelName: ChannelName | null,
    asker: Asker,
    key: IdempotencyKey | null,
    background: Background,
  ): Promise<SendResponse> {
    const { keyring, policies, templates, guard } = this.#deps;
    const { id, to, purpose, metadata, bind, locale } = pending;
    const policy = policies.get(purpose) ?? DEFAULT_POLICY;
    const wanted = channelName ?? pending.channel;
    const [channel] = this.#configured(wanted === null ? policy.channels : [wanted]);
    if (channel === undefined) return { kind: "channel_not_configured" };

    const name = ownerOf(id);
    const question = { to, name, country: countryOf(to), purpose, metadata, ...asker };
    const [finding, route] = await Promise.all([
      guard.evaluate(question, background),
      pending.test ? withoutTemplate(channel) : routeTo(channel, policy, locale, templates),
    ]);
    if (finding !== null) return { kind: "blocked", finding };
    if (route === null) return this.#without({ kind: "no_template" }, question, background);
    const attempt: SendAttempt = {
      question,
      route,
      code: this.#candidate(name, null, policy, bind),
      idempotency: requestOf(keyring, `resend ${id}`, key),
    };
    const outcome = await this.#phoneNumber(name).resend({ id, ...this.#commandOf(attempt) });
    if (outcome.kind === "identity_changed") return this.#distrust(question, background);
    return this.#deliver(outcome, attempt, background);
  }

  /** A client that hangs up interrupts nothing: the work is also handed to the background. */
  async #deliver(
    outcome: Exclude<SendOutcome, { kind: "identity_changed" }>,
    attempt: SendAttempt,
    background: Background,
  ): Promise<SendResponse> {
    const { guard } = this.#deps;
    const { question } = attempt;
    if (outcome.kind === "replayed") return this.#without(outcome.answer, question, background);
    if (outcome.kind === "refused" && outcome.limit.name === DENIALS_LIMIT) {
      await guard.reportDecision(ownersWord("enforce"), question);
    }
    if (outcome.kind !== "send") return this.#without(outcome, question, background);
    guard.onSent(question, background);
    if (outcome.deniedBefore && this.#deps.numberRules.owner === "record_only") {
      background(guard.reportDecision(ownersWord("record_only"), question));
    }
    const work = this.#sender.send(outcome, { ...attempt, name: question.name });
    background(work);
    return work;
  }

  /** No channel is left but one that would reach whoever has the phone now. */
  async #distrust(question: GuardRequest, background: Background): Promise<SendResponse> {
    const finding: RuleMatch = {
      rule: "identity_change",
      code: "denied_by_policy",
      mode: "enforce",
      wait: null,
      detail: "The phone behind this number is not the one that was verified last.",
      figures: { channel: "whatsapp" },
      limits: { identity_change: this.#deps.numberRules.identityChange },
    };
    await this.#deps.guard.reportDecision(finding, question);
    return this.#without({ kind: "blocked", finding }, question, background);
  }

  /** An answer without a message, which the guard had let go. */
  #without(answer: SendResponse, question: GuardRequest, background: Background): SendResponse {
    background(this.#deps.guard.onNotSent(question));
    return answer;
  }

  #phoneNumber(name: PhoneNumberName) {
    return this.#deps.phoneNumbers.getByName(name);
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

  #commandOf({ code, route, idempotency }: SendAttempt) {
    const { proof, sealed, broughtByCaller } = code;
    return { code: { proof, sealed, broughtByCaller }, route, idempotency, rules: this.#deps.numberRules };
  }
}

/** A send in the making. The plain code stays on this side of the object. */
interface SendAttempt {
  readonly question: GuardRequest & { readonly to: E164 };
  readonly code: CandidateCode & { readonly plain: Code };
  readonly route: Route;
  readonly idempotency: ReturnType<typeof requestOf>;
}

function ownersWord(mode: RuleMatch["mode"]): RuleMatch {
  const { denialsPerDay } = NUMBER_LIMITS;
  return {
    rule: "number_owner",
    code: "send_limit_reached",
    mode,
    wait: null,
    detail: "The number's owner has said that they asked for no code.",
    figures: { denials: denialsPerDay },
    limits: { quota: denialsPerDay, window_seconds: DAY_MS / 1000 },
  };
}
