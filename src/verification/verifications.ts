import type { StatusUpdate } from "../channels/channel.ts";
import { proveCode, sessionTags } from "../codes/code.ts";
import type { CheckGuard } from "../guard/clients/check-guard.ts";
import type { RuleMatch } from "../guard/rule.ts";
import type { AppName, AppScope } from "../ids/app-name.ts";
import { type IdempotencyKey, requestOf } from "../ids/idempotency-key.ts";
import { namesOf, type PhoneNumberName } from "../ids/phone-number-name.ts";
import { ownerOf, type VerificationId } from "../ids/verification-id.ts";
import type { DeliveryUpdate, FailedMessage, PricedMessage } from "../messages/delivery-update.ts";
import type { E164 } from "../numbering/e164.ts";
import type { CheckCommand, CheckOutcome } from "../phone-number/decisions/check.ts";
import type { SendJob } from "../phone-number/phone-state.ts";
import type { Moved } from "../phone-number/pointer.ts";
import type { VerificationSnapshot } from "../phone-number/snapshot.ts";
import type { Attribution } from "../phone-number/verification.ts";
import type { Background, MaybePromise } from "../platform/async.ts";
import { repeatOnce } from "../platform/platform-fault.ts";
import { type DecoyDependencies, findDecoy, makeDecoy, routeOfDecoy } from "./decoy.ts";
import { type Denial, recordDenial } from "./denial.ts";
import { MessageSender } from "./message-sender.ts";
import type {
  ChannelChoice,
  CheckContext,
  CheckResponse,
  GivenCode,
  Owner,
  Resender,
  SendResponse,
  StartRequest,
} from "./requests.ts";
import { resend } from "./resend.ts";
import type { SendDependencies, SendGuard } from "./send.ts";
import { start } from "./start.ts";

interface Dependencies extends Omit<SendDependencies, "sender"> {
  readonly guard: SendGuard & GuardFeedback;
  readonly checkGuard: Pick<CheckGuard, "evaluate" | "onInvalid">;
  /** The apps of the deployment, for decoys. */
  readonly apps: DecoyDependencies["apps"];
}

interface NumberAndPurpose {
  readonly to: E164;
  readonly purpose: string;
}

/** The part of the guard that learns from what happens to codes after they were sent. */
interface GuardFeedback {
  /** A provider has reported the price category of these messages. */
  onPriced(messages: readonly PricedMessage[]): void;
  /** The number's owner says that they did not request the code that this attribution requested. */
  onDenied(to: E164, attribution: Attribution): Promise<void>;
}

/** The use cases of verification, and the only caller of the numbers' objects. */
export class Verifications {
  readonly #deps: Dependencies & SendDependencies;

  constructor(dependencies: Dependencies) {
    this.#deps = { ...dependencies, sender: new MessageSender(dependencies) };
  }

  /** Starts a verification and sends its code, or sends the pending one of the same app, purpose, session and binding again. */
  start(request: StartRequest, key: IdempotencyKey | null, background: Background): Promise<SendResponse> {
    return start(request, key, this.#deps, background);
  }

  /** Sends a pending verification again, over another channel where one is chosen. */
  async resend(
    id: VerificationId,
    scope: AppScope,
    channelChoice: ChannelChoice,
    resender: Resender,
    key: IdempotencyKey | null,
    background: Background,
  ): Promise<SendResponse> {
    const pending = await repeatOnce(() => this.#phoneNumber(ownerOf(id)).open(id, scope));
    if (pending === null) {
      const verification = await this.#decoyOf(id, scope);
      return verification === null ? { kind: "not_found" } : { kind: "closed", verification };
    }
    return resend(pending, channelChoice, resender, key, this.#deps, background);
  }

  /** Sends the message of a queued job, unless it has been sent or is no longer needed. */
  sendQueued(job: Pick<SendJob, "id" | "ordinal">): Promise<void> {
    return this.#deps.sender.sendQueued(job);
  }

  /** Checks a code by the verification's id. Where a purpose is named, only a verification of that one is found. */
  async checkById(
    id: VerificationId,
    owner: Owner,
    given: GivenCode,
    context: CheckContext,
    purpose?: string,
  ): Promise<CheckResponse> {
    const match = await this.#evaluate(context);
    if (match !== null) return { kind: "blocked", match };
    const which = purpose === undefined ? { id } : { id, purpose };
    const outcome = await this.#check(ownerOf(id), which, owner, given, context.key);
    const response =
      outcome.kind === "check_answer"
        ? outcome
        : await this.#withoutAnswer(outcome, which, owner, given, context.key);
    this.#countInvalid(response, context);
    return response;
  }

  /** What the object of an id answers otherwise: another app's verification, a decoy's id, or a refusal. */
  async #withoutAnswer(
    outcome: Exclude<CheckOutcome, { kind: "replayed" | "check_answer" }> | Moved,
    which: Extract<CheckCommand["which"], { id: VerificationId }>,
    owner: Owner,
    given: GivenCode,
    key: IdempotencyKey | null,
  ): Promise<CheckResponse> {
    const { id } = which;
    if (outcome.kind === "not_found" || outcome.kind === "moved") {
      const verification = await this.#decoyOf(id, owner.scope);
      if (verification === null) return { kind: "not_found" };
      return { kind: "check_answer", valid: false, verification };
    }
    if (outcome.kind !== "of_other_app") return outcome;
    // Only the operator, who reaches every app, can find a verification of another one.
    const again = await this.#check(ownerOf(id), which, { ...owner, app: outcome.app }, given, key);
    return again.kind === "of_other_app" || again.kind === "moved" ? { kind: "not_found" } : again;
  }

  /**
   * Checks a code by the number it was sent to and its purpose, within the caller's app and session. A number
   * without such a verification gets the answer of an expired one.
   */
  async checkByNumber(
    which: NumberAndPurpose,
    app: AppName,
    given: GivenCode,
    context: CheckContext,
  ): Promise<CheckResponse> {
    const match = await this.#evaluate(context);
    if (match !== null) return { kind: "blocked", match };
    const response = await this.#checkByNumber(which, app, given, context);
    this.#countInvalid(response, context);
    return response;
  }

  async #checkByNumber(
    { to, purpose }: NumberAndPurpose,
    app: AppName,
    given: GivenCode,
    { key, background }: CheckContext,
  ): Promise<CheckResponse> {
    const { keyring } = this.#deps;
    const owner = { app, scope: app };
    const [current, ...previous] = namesOf(keyring, to);
    const route = routeOfDecoy({ to, purpose }, this.#deps);
    background(route);
    let response = await this.#check(current, { purpose }, owner, given, key);
    if (response.kind === "moved")
      response = await this.#check(response.name, { purpose }, owner, given, key);
    // The verification may have begun under a former name: before a rotation of the secret key, or an upgrade.
    for (const name of previous) {
      if (response.kind !== "not_found") break;
      response = await this.#check(name, { purpose }, owner, given, key);
    }
    if (response.kind === "not_found" || response.kind === "of_other_app" || response.kind === "moved") {
      const verification = makeDecoy({ to, app, purpose }, await route, keyring, Date.now());
      return { kind: "check_answer", valid: false, verification };
    }
    return response;
  }

  /** The decoy that a check by number answered under this id, as long as a real verification could be read. */
  async #decoyOf(id: VerificationId, scope: AppScope): Promise<VerificationSnapshot | null> {
    const now = Date.now();
    const subject = findDecoy(id, scope, this.#deps, now);
    if (subject === null) return null;
    return makeDecoy(subject, await routeOfDecoy(subject, this.#deps), this.#deps.keyring, now);
  }

  /** The guard's match that refuses a check, or null. */
  #evaluate({ checker, background }: CheckContext): MaybePromise<RuleMatch | null> {
    return this.#deps.checkGuard.evaluate(checker, background);
  }

  /** Has the guard count an answer that is not valid. */
  #countInvalid(response: CheckResponse, { checker, background }: CheckContext): void {
    if (response.kind !== "check_answer" || response.valid) return;
    const { id, app, to, purpose, status } = response.verification;
    // A verification without a number has no code that could be guessed.
    if (status === "approved" || to === null) return;
    this.#deps.checkGuard.onInvalid({ app, name: ownerOf(id), to, purpose, ...checker }, background);
  }

  /** Reads a verification; null when there is none in reach, or it closed more than a day ago. */
  async get(id: VerificationId, scope: AppScope): Promise<VerificationSnapshot | null> {
    const found = await repeatOnce(() => this.#phoneNumber(ownerOf(id)).get(id, scope));
    return found ?? this.#decoyOf(id, scope);
  }

  /** The verifications of a number, within reach, that are pending, or closed within the last day. */
  async listOf(to: E164, scope: AppScope): Promise<readonly VerificationSnapshot[]> {
    const names = await this.namesOf(to);
    return (
      await Promise.all(names.map((name) => repeatOnce(() => this.#phoneNumber(name).list(scope))))
    ).flat();
  }

  /** Cancels a pending verification; null when there is none in reach. */
  async cancel(id: VerificationId, scope: AppScope): Promise<VerificationSnapshot | null> {
    const found = await repeatOnce(() => this.#phoneNumber(ownerOf(id)).cancel(id, scope));
    return found ?? this.#decoyOf(id, scope);
  }

  /**
   * Approves a pending verification whose code the caller has checked itself; null when there is none in reach. One that
   * has closed stays as it is.
   */
  async approve(id: VerificationId, scope: AppScope): Promise<VerificationSnapshot | null> {
    const found = await repeatOnce(() => this.#phoneNumber(ownerOf(id)).approve(id, scope));
    return found ?? this.#decoyOf(id, scope);
  }

  /**
   * Records status updates, with one call for each number's object. Updates that name no number we could have
   * sent to are dropped. Returns a promise for each number: of its messages that failed; it rejects when the
   * updates were not stored.
   */
  recordUpdates(updates: readonly StatusUpdate[]): readonly Promise<readonly FailedMessage[]>[] {
    const byNumber = Map.groupBy(updates, ({ update, recipient }) => {
      if (update.message !== null) return ownerOf(update.message.id);
      return recipient === null ? null : namesOf(this.#deps.keyring, recipient)[0];
    });
    return [...byNumber].map(async ([name, list]) => {
      if (name === null) return [];
      const own = await this.#phoneNumber(name).recordUpdates(
        list.map(({ update }) => this.#withIdentityRule(update)),
      );
      const { moved } = own;
      const other = moved && (await this.#phoneNumber(moved.name).recordUpdates(moved.updates));
      this.#deps.guard.onPriced([...own.priced, ...(other?.priced ?? [])]);
      return [...own.failed, ...(other?.failed ?? [])];
    });
  }

  /** Records that a code's recipient did not request it, which counts against the attribution of its request. */
  async deny(denial: Denial): Promise<void> {
    const { keyring, phoneNumbers, guard } = this.#deps;
    const denied = await recordDenial(denial, keyring, phoneNumbers);
    if (denied !== null) await guard.onDenied(denied.to, denied.attribution);
  }

  /** Clears a number's failures, locks, blocks, denials and the windows of its sends for an operator; false when it had none. */
  async unlock(to: E164): Promise<boolean> {
    const names = await this.namesOf(to);
    return (
      await Promise.all(names.map((name) => this.#phoneNumber(name).unlock(this.#deps.numberRules)))
    ).includes(true);
  }

  /** The names of all objects of a number: its own, former ones, and the one that WhatsApp's answers have taught. */
  async namesOf(to: E164): Promise<readonly PhoneNumberName[]> {
    const names = namesOf(this.#deps.keyring, to);
    const learned = await repeatOnce(() => this.#phoneNumber(names[0]).pointer());
    return learned === null || names.includes(learned) ? names : [...names, learned];
  }

  async #check(
    name: PhoneNumberName,
    which: CheckCommand["which"],
    { app, scope }: Owner,
    { code, session, bind }: GivenCode,
    key: IdempotencyKey | null,
  ): Promise<Exclude<CheckOutcome, { kind: "replayed" }> | Moved> {
    const { keyring } = this.#deps;
    const sessions = session === null ? [null] : sessionTags(keyring, name, app, session);
    const proofs = sessions.flatMap((tag) => proveCode(keyring, name, code, { app, session: tag, bind }));
    const command: CheckCommand = {
      which,
      app,
      scope,
      sessions,
      proofs,
      idempotency: requestOf(keyring, key),
      attemptId: crypto.randomUUID(),
    };
    const outcome = await repeatOnce<CheckOutcome | Moved>(() => this.#phoneNumber(name).check(command));
    return outcome.kind === "replayed" ? outcome.answer : outcome;
  }

  /** Drops the identity hash where the deployment does not watch identities, so that it is not stored. */
  #withIdentityRule(update: DeliveryUpdate): DeliveryUpdate {
    return this.#deps.numberRules.identityChange === "off" ? { ...update, identityHash: null } : update;
  }

  #phoneNumber(name: PhoneNumberName) {
    return this.#deps.phoneNumbers.getByName(name);
  }
}
