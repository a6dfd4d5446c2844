import {
  type CodeContext,
  type CodeFormat,
  type CodeText,
  drawCode,
  proveCode,
  readCode,
  sealCode,
} from "../codes/code.ts";
import type { GuardOutcome, GuardRequest, RuleMatch } from "../guard/rule.ts";
import type { TestNumbers } from "../guard/settings.ts";
import type { IdempotencyRequest } from "../ids/idempotency-key.ts";
import type { PhoneNumberName } from "../ids/phone-number-name.ts";
import { ownerOf } from "../ids/verification-id.ts";
import type { ChannelName } from "../messages/message.ts";
import { DENIALS_LIMIT } from "../phone-number/decisions/limits.ts";
import type { SendOutcome } from "../phone-number/decisions/send.ts";
import type { CandidateCode } from "../phone-number/decisions/stored-code.ts";
import { NUMBER_LIMITS, type NumberRules, type Policy } from "../phone-number/policy.ts";
import type { Background, MaybePromise } from "../platform/async.ts";
import type { Keyring } from "../platform/keyring.ts";
import { DAY_MS } from "../platform/time.ts";
import type { MessageSender, MessageSenderDependencies } from "./message-sender.ts";
import type { SendResponse, Subscriptions } from "./requests.ts";

/** What a start and a resend need. */
export interface SendDependencies extends MessageSenderDependencies {
  readonly sender: MessageSender;
  readonly defaultLocale: string;
  readonly guard: SendGuard;
  readonly testNumbers: TestNumbers;
  readonly subscriptions: Subscriptions;
}

/** Asked before a send; told once afterwards what became of it. */
export interface SendGuard {
  /** The match that refuses the send, or null. */
  evaluate(request: GuardRequest, background: Background): Promise<RuleMatch | null>;
  /** Resolves once a match that refused the send is durable. */
  report(request: GuardRequest, outcome: GuardOutcome, background: Background): MaybePromise<void>;
}

/** A send that has been put to the number's object. */
export interface SendAttempt {
  readonly guardRequest: GuardRequest;
  readonly code: PreparedCode;
  readonly idempotency: IdempotencyRequest | null;
}

/** A code in the forms that the object stores; the plain one stays in this request. */
export interface PreparedCode {
  readonly plain: CodeText;
  readonly candidate: CandidateCode;
}

/** Reported where there is no channel to send over. */
export const NOT_SENT: GuardOutcome = { sent: false, match: null };

/** Proves and seals the caller's code, or a freshly drawn one. */
export function prepareCode(
  keyring: Keyring,
  name: PhoneNumberName,
  given: CodeText | null,
  format: CodeFormat,
  context: CodeContext,
): PreparedCode {
  const plain = given ?? drawCode(format);
  const [proof] = proveCode(keyring, name, readCode(plain), context);
  const sealed = sealCode(keyring, name, plain);
  return { plain, candidate: { proof, sealed, fromCaller: given !== null } };
}

/** The format of a code to draw. A request may ask for a longer one than the policy's, not for a shorter one. */
export function formatOf(policy: Policy, codeLength: number | null): CodeFormat {
  if (codeLength === null || codeLength <= policy.codeLength) return policy;
  return { codeLength, codeAlphabet: policy.codeAlphabet };
}

/** The channels that a request names, or else those of the policy; null when it names one that the policy lacks. */
export function allowedChannels(
  { channels }: Policy,
  requested: readonly ChannelName[] | null,
): readonly ChannelName[] | null {
  if (requested === null) return channels;
  return requested.every((name) => channels.includes(name)) ? requested : null;
}

/** Those of the channels that this deployment has. */
export function configuredChannels(
  { channels }: Pick<SendDependencies, "channels">,
  names: readonly ChannelName[],
): readonly ChannelName[] {
  return names.filter((name) => channels.has(name));
}

/**
 * Carries out what the object decided, and reports it to the guard. Sending goes on in the background when
 * the client hangs up.
 */
export async function finishSend(
  outcome: SendOutcome,
  { guardRequest, code, idempotency }: SendAttempt,
  { guard, numberRules, sender }: SendDependencies,
  background: Background,
): Promise<SendResponse> {
  if (outcome.kind === "send") {
    const isRecorded = outcome.deniedBefore === true && numberRules.owner === "record_only";
    const match = isRecorded ? numberOwnerMatch("record_only") : null;
    void guard.report(guardRequest, { sent: true, match }, background);
    const sending = sender.send(outcome, {
      name: ownerOf(outcome.verification.id),
      code: { plain: code.plain, sealed: code.candidate.sealed },
      idempotencyKey: idempotency === null ? null : idempotency.key,
    });
    background(sending);
    return sending;
  }
  if (outcome.kind === "identity_changed") {
    const match = identityChangeMatch(numberRules);
    await guard.report(guardRequest, { sent: false, match }, background);
    return { kind: "blocked", match };
  }
  const isDenied = outcome.kind === "refused" && outcome.limit.name === DENIALS_LIMIT;
  const match = isDenied ? numberOwnerMatch("enforce") : null;
  await guard.report(guardRequest, { sent: false, match }, background);
  return outcome.kind === "replayed" ? outcome.answer : outcome;
}

function numberOwnerMatch(mode: RuleMatch["mode"]): RuleMatch {
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

/** Every channel would reach the new holder of the phone. */
export function identityChangeMatch({ identityChange, identityHoldMs }: NumberRules): RuleMatch {
  return {
    rule: "identity_change",
    code: "denied_by_policy",
    mode: "enforce",
    wait: null,
    detail: "The phone behind this number is not the one that was verified last.",
    figures: {},
    limits: { identity_change: identityChange, window_seconds: identityHoldMs / 1000 },
  };
}
