import { createHash } from "node:crypto";
import { type FoundToken, findToken, looksLikeToken, userLinkName } from "../../codes/token.ts";
import type { RuleMatch } from "../../guard/rule.ts";
import type { AppName } from "../../ids/app-name.ts";
import type { IdempotencyKey } from "../../ids/idempotency-key.ts";
import { namesOf } from "../../ids/phone-number-name.ts";
import { NO_NUMBER, protectNumber } from "../../ids/protected-number.ts";
import { ownerOf, parseVerificationId, type VerificationId } from "../../ids/verification-id.ts";
import { countryOf, type E164 } from "../../numbering/e164.ts";
import type { Subscriber } from "../../numbering/subscriber.ts";
import type { DenyOutcome } from "../../phone-number/decisions/cancel.ts";
import type { MessageSource, ProveOutcome } from "../../phone-number/decisions/prove.ts";
import type { Attribution } from "../../phone-number/verification.ts";
import type { Background } from "../../platform/async.ts";
import { log } from "../../platform/log.ts";
import type { TokenTarget } from "./message-token.ts";
import { fill, oneLine } from "./sentence.ts";
import { type LinkDependencies, type LinkRequest, type LinkResponse, startLink } from "./start.ts";

/** A message of a user: WhatsApp's id of it, and when it was sent by Meta's clock, in milliseconds since the epoch. */
export interface Sent {
  readonly id: string;
  readonly at: number;
  /** The team's number that it was sent to, by Meta's id. */
  readonly sender: string | null;
}

/** A free-form message to a user who has just written. */
export interface Answer {
  readonly app: AppName;
  readonly to: E164;
  readonly text: string;
  readonly buttons: readonly { readonly id: string; readonly title: string }[];
  /** The team's number that the user wrote to: from another one they have no open window. */
  readonly sender: string | null;
  /** Makes the answer's id: a repeated webhook does not answer twice. */
  readonly occasion: string;
}

/** The conversation with a user, which other parts of this deployment keep. */
export interface Talk {
  /**
   * Records that the user wrote, which opens the window for an answer. Neither the first reply nor a keyword applies. False
   * for a user who has sent too many wrong tokens lately: this one is not looked at.
   */
  recordMessage(message: TokenMessage): Promise<boolean>;
  /** Counts a token that proved nothing. */
  recordWrongToken(message: TokenMessage): Promise<void>;
  /** Queues the answer; durable when it resolves. */
  answer(answer: Answer): Promise<void>;
  /** Asks a user whose messages name no number to share it. Rejects when that may work later. */
  askForNumber(userId: string, sender: string, text: string): Promise<void>;
}

export interface TokenMessage extends Pick<Sent, "id" | "at"> {
  readonly from: E164;
}

interface Dependencies extends LinkDependencies {
  readonly talk: Talk;
  /** Whether users are answered in WhatsApp, which the team may pay for. */
  readonly answersUsers: boolean;
  readonly guard: LinkDependencies["guard"] & LinkGuard;
}

interface LinkGuard {
  /** The match that refuses to verify a number that a message has shown, or null. */
  evaluateDestination(
    request: Parameters<LinkDependencies["guard"]["evaluate"]>[0] & { readonly to: E164 },
    background: Background,
  ): Promise<RuleMatch | null>;
  onDenied(to: E164, attribution: Attribution): Promise<void>;
}

const NOT_ME = "not_me:";

/**
 * Verifications that users prove by a message: starts them, and receives what users send, from webhooks whose signature,
 * account and sender have been checked.
 */
export class MessageFirst {
  readonly #deps: Dependencies;
  readonly #background: Background;

  constructor(dependencies: Dependencies, background: Background) {
    this.#deps = dependencies;
    this.#background = background;
  }

  /** Starts a verification that the user proves by a message. */
  start(request: LinkRequest, key: IdempotencyKey | null, background: Background): Promise<LinkResponse> {
    return startLink(request, key, this.#deps, background);
  }

  /** The token in a text; null for nearly every text, which costs no call. */
  findToken(text: string): FoundToken | null {
    return findToken(this.#deps.keyring, text);
  }

  /** A text with something like a token that is none of this deployment. */
  isWrongToken(text: string): boolean {
    return looksLikeToken(text);
  }

  /** A message with a token, from a number that WhatsApp names. Durable when it resolves; repeats change nothing. */
  async received({ name }: FoundToken, from: Subscriber, message: Sent): Promise<void> {
    const { talk, tokens } = this.#deps;
    if (!(await talk.recordMessage(sentBy(from, message)))) return report("ignored");
    const target = await tokens.getByName(name).target();
    if (target === null) {
      await talk.recordWrongToken(sentBy(from, message));
      return report("unknown");
    }
    await this.#prove(target, from, message);
  }

  /** The same from a user whose messages name no number: they are asked to share it. */
  async receivedWithoutNumber(
    { name }: FoundToken,
    userId: string,
    sender: string,
    { id }: Pick<Sent, "id">,
  ): Promise<void> {
    const { tokens, keyring, talk } = this.#deps;
    const target = await tokens.getByName(name).target();
    if (target === null) return report("unknown");
    const verification = await this.#object(target.id).get(target.id, null);
    if (verification?.status !== "pending") return report("closed");
    const waiting = tokens.getByName(userLinkName(keyring, userId));
    if (!(await waiting.awaitNumber(target, id))) return;
    const { shareNumber } = await this.#words(verification);
    await talk.askForNumber(userId, sender, shareNumber);
    await waiting.asked(id);
    report("no_number");
  }

  /** The user's own number, on the card that answers our request for it. Any other card proves nothing. */
  async sharedNumber(userId: string, number: Subscriber, message: Sent): Promise<void> {
    const { tokens, keyring, talk } = this.#deps;
    const target = await tokens.getByName(userLinkName(keyring, userId)).target();
    if (target === null) return report("card_not_asked_for");
    if (!(await talk.recordMessage(sentBy(number, message)))) return report("ignored");
    await this.#prove(target, number, message);
  }

  /** A card that does not answer our request: whose number it shows, its sender only claims. */
  ignoreCard(): void {
    report("forwarded_card");
  }

  /** A tap on the button of an answer; null for every other button. */
  disownedBy(payload: string): VerificationId | null {
    return payload.startsWith(NOT_ME) ? parseVerificationId(payload.slice(NOT_ME.length)) : null;
  }

  /** The owner of the phone says that they did not begin what their message has approved. */
  async disown(
    id: VerificationId,
    from: Subscriber,
    { id: tapId, at }: Pick<Sent, "id" | "at">,
  ): Promise<void> {
    const names = await this.#namesOf(from, id);
    const source = { number: from, names };
    const denied: DenyOutcome = await this.#object(id).disown({ id, source, tapId, at });
    if (denied !== null) await this.#deps.guard.onDenied(denied.to, denied.attribution);
  }

  /** The user has another number now: ends what was begun before for the former one. */
  async changedNumber(former: Subscriber, at: number): Promise<void> {
    const names = namesOf(this.#deps.keyring, former);
    await Promise.all(names.map((name) => this.#deps.phoneNumbers.getByName(name).endBegunBefore(at)));
  }

  async #prove({ id, token: link, learnsFor }: TokenTarget, from: Subscriber, message: Sent): Promise<void> {
    const source: MessageSource = {
      number: from,
      names: learnsFor === null ? await this.#namesOf(from, id) : [],
      protectedNumber: learnsFor === null ? NO_NUMBER : protectNumber(this.#deps.keyring, ownerOf(id), from),
      isAllowed: learnsFor === null || (await this.#isAllowed(from, learnsFor)),
    };
    const command = { id, link, source, messageId: digestOf(message.id), at: message.at };
    const outcome: ProveOutcome = await this.#object(id).prove(command);
    report(outcome.kind);
    if (outcome.kind !== "approved") await this.#deps.talk.recordWrongToken(sentBy(from, message));
    await this.#answer(outcome, from, message);
  }

  /** Who sent another's token learns nothing by it, nor does a second message of the owner need an answer. */
  async #answer(outcome: ProveOutcome, to: E164, { id: occasion, sender }: Sent): Promise<void> {
    if (!this.#deps.answersUsers) return;
    const isAnswered = outcome.kind === "approved" || (outcome.kind === "late" && outcome.isFirst);
    if (!isAnswered) return;
    const { id, app } = outcome.verification;
    const words = await this.#words(outcome.verification);
    const buttons = outcome.kind === "approved" ? [{ id: `${NOT_ME}${id}`, title: words.notMe }] : [];
    const text = outcome.kind === "approved" ? words.done : words.late;
    await this.#deps.talk.answer({ app, to, text, buttons, sender, occasion });
  }

  async #words({ app, locale }: { readonly app: AppName; readonly locale: string }) {
    const { done, notMe, late, shareNumber } = await this.#deps.wordings.of(locale);
    const brand = oneLine(this.#deps.brandOf(app) ?? "");
    return { done: fill(done, { brand }), late: fill(late, { brand }), notMe, shareNumber };
  }

  /**
   * The names of the sender's object. Where it is not the verification's, what WhatsApp's answers have taught about the
   * number counts as well: that is one call more, for a message from another number only.
   */
  async #namesOf(from: E164, id: VerificationId): Promise<MessageSource["names"]> {
    const names = namesOf(this.#deps.keyring, from);
    if (names.includes(ownerOf(id))) return names;
    const learned = await this.#deps.phoneNumbers.getByName(names[0]).pointer();
    return learned === null ? names : [...names, learned];
  }

  /** A learned number was not known at the start, so that the guard sees it now. */
  async #isAllowed(to: E164, { app, purpose }: NonNullable<TokenTarget["learnsFor"]>): Promise<boolean> {
    const [name] = namesOf(this.#deps.keyring, to);
    const request = {
      to,
      method: "message" as const,
      name,
      country: countryOf(to),
      app,
      purpose,
      codeCheckedBy: "sandi" as const,
      callerId: "whatsapp",
      client: { ip: null, deviceId: null },
      network: null,
      limits: {},
      metadata: {},
    };
    return (await this.#deps.guard.evaluateDestination(request, this.#background)) === null;
  }

  #object(id: VerificationId) {
    return this.#deps.phoneNumbers.getByName(ownerOf(id));
  }
}

/** WhatsApp's ids contain the sender's number and may be long: records keep what tells them apart. */
function digestOf(messageId: string): string {
  return createHash("sha256").update(messageId).digest("base64url").slice(0, DIGEST_LENGTH);
}

const DIGEST_LENGTH = 22;

/** The sender is the number that was shown, and not what the message itself names. */
function sentBy(from: E164, { id, at }: Sent): TokenMessage {
  return { from, id, at };
}

function report(outcome: string): void {
  log("info", "Message with a token received", { outcome });
}
