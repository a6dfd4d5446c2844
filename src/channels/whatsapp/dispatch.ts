import type { SendResult } from "../../messages/message.ts";
import { countryOf, type E164 } from "../../numbering/e164.ts";
import { parseWaId, type Subscriber, subscriberOf } from "../../numbering/subscriber.ts";
import type { Channel } from "../channel.ts";
import type { CallResult, Permit, Rest } from "../circuit-breakers.ts";
import { type ProviderError, refused } from "../failure.ts";
import { toResult } from "../provider-call.ts";
import { circuitKey } from "./circuit-keys.ts";
import type { WhatsAppAttempt, WhatsAppClient } from "./client.ts";
import { OVER_THROUGHPUT, type Scope } from "./errors.ts";
import { codePayload, type Payload } from "./payload.ts";
import type { SharedPace } from "./sender-pace.ts";
import { type Priority, type Sender, sendersFor } from "./senders.ts";
import type { SharedCircuits } from "./shared-circuits.ts";

/** A message for WhatsApp: a code or a notification. */
export interface WhatsAppMessage {
  readonly to: E164;
  /** Null for a free-form message. */
  readonly template: { readonly name: string; readonly language: string } | null;
  readonly payload: Payload;
  readonly priority: Priority;
  /** The team's number that an answer has to come from, by Meta's id: the user wrote to that one. Any other otherwise. */
  readonly sender?: string | undefined;
}

/** Every sender has sent as many messages in this second as it may. */
const NO_CAPACITY: ProviderError = {
  code: "no_capacity",
  class: "backoff",
  title: "Every sender is at its limit of messages per second",
};
/** A sender's throughput is counted over a second. */
const CAPACITY_RETURNS_MS = 1_000;

/** How long a message waits for a sender that has room. */
const PATIENCE_MS = 2_000;
/** A message that would wait longer than this many times its patience is told at once: the estimate is rough. */
const HOPELESS = 2;
/** How soon and how late a waiting message looks again. */
const LOOK_AGAIN_MS = { from: 5, to: 200 };
/** The pause after WhatsApp refused a message for its sender's throughput; random, so that they do not all return at once. */
const BUSY_PAUSE_MS = { from: 100, to: 400 };

/** How long a call waits while other calls test an unproven sender, and how often it checks. */
const LONGEST_WAIT_MS = 3_000;
const POLL_MS = 20;

/** Learns that WhatsApp knows the person of a dialled number by another one. */
type OnAccount = (dialled: E164, account: Subscriber) => void;

/** Why a sender was skipped: a circuit of this scope is open until then, or it has no room. */
type Skipped =
  | { readonly kind: "resting"; readonly scope: Scope; readonly until: number }
  | { readonly kind: "full"; readonly waitMs: number };
/** WhatsApp refused the message for the sender's throughput, which another isolate has used up. */
interface Busy {
  readonly kind: "busy";
  readonly attempt: WhatsAppAttempt;
}
type Outcome = { readonly kind: "tried"; readonly result: SendResult } | Skipped | Busy;

/**
 * Chooses one of the team's WhatsApp numbers for a message: the recipient's own sender first, another where
 * that one's circuit is open.
 */
export class Dispatch {
  readonly #client: WhatsAppClient;
  readonly #senders: readonly Sender[];
  readonly #shared: SharedCircuits;
  readonly #pace: SharedPace;
  #tickets = 0;
  readonly #onAccount: OnAccount;

  /** @param onAccount Called where WhatsApp knows the dialled person by a number that no rule of numbering leads to. */
  constructor(
    client: WhatsAppClient,
    senders: readonly Sender[],
    shared: SharedCircuits,
    pace: SharedPace,
    onAccount: OnAccount = () => {},
  ) {
    this.#client = client;
    this.#senders = senders;
    this.#shared = shared;
    this.#pace = pace;
    this.#onAccount = onAccount;
  }

  /** Failures are returned as values; a rejected promise is a bug. */
  async send(message: WhatsAppMessage): Promise<SendResult> {
    const senders = this.#sendersFor(message);
    const patientUntil = Date.now() + PATIENCE_MS;
    this.#tickets += 1;
    const ticket = this.#tickets;
    let outcome = await this.#sendByAny(senders, message, ticket);
    for (;;) {
      const pauseMs = this.#pauseAfter(outcome, senders, patientUntil);
      if (pauseMs === null) break;
      await pause(pauseMs);
      outcome = await this.#sendByAny(senders, message, ticket);
    }
    for (const sender of senders) this.#pace.of(sender).leave(ticket);
    this.#shared.sync();
    return outcome.kind === "tried" ? outcome.result : notSent(outcome, message);
  }

  /** Sends by the first sender that has room now. Of several that have none, the outcome is the one that is free first. */
  async #sendByAny(senders: readonly Sender[], message: WhatsAppMessage, ticket: number): Promise<Outcome> {
    let outcome: Outcome | null = null;
    for (const sender of senders) {
      const attempt = await this.#sendBy(sender, message, ticket);
      const isSkipped = attempt.kind === "resting" || attempt.kind === "full" || attempt.kind === "busy";
      const next: Outcome = isSkipped ? attempt : { kind: "tried", result: resultOf(attempt, message) };
      const isOver = !isSkipped && (attempt.kind !== "error" || attempt.error.scope !== "sender");
      if (isOver) return next;
      outcome = outcome === null ? next : firstFree(outcome, next);
    }
    if (outcome === null) throw new Error("A deployment needs a sender");
    return outcome;
  }

  /** How long until a message that was not sent goes again; null where it does not. */
  #pauseAfter(outcome: Outcome, senders: readonly Sender[], patientUntil: number): number | null {
    const now = Date.now();
    const leftMs = patientUntil - now;
    if (leftMs <= 0 || outcome.kind === "tried" || outcome.kind === "resting") return null;
    const { from, to } = BUSY_PAUSE_MS;
    if (outcome.kind === "busy") return Math.min(leftMs, from + Math.random() * (to - from));
    const { waitMs } = outcome;
    // A larger share may be under way.
    const isAsking = senders.some((sender) => this.#pace.of(sender).isAsking(now));
    if (waitMs > leftMs * HOPELESS && !isAsking) return null;
    return Math.min(leftMs, LOOK_AGAIN_MS.to, Math.max(LOOK_AGAIN_MS.from, waitMs));
  }

  /** Only the sender that a user wrote to may answer freely; one that has gone since is replaced. */
  #sendersFor({ to, sender }: WhatsAppMessage): readonly Sender[] {
    const named = this.#senders.find(({ phoneNumberId }) => phoneNumberId === sender);
    return named === undefined ? sendersFor(subscriberOf(to), this.#senders) : [named];
  }

  async #sendBy(
    sender: Sender,
    message: WhatsAppMessage,
    ticket: number,
  ): Promise<WhatsAppAttempt | Skipped | Busy> {
    const { circuits } = this.#shared;
    const throughput = this.#pace.of(sender);
    const keys = circuitKeys(sender, message);
    const all = Object.values(keys);
    if ((await admit((impatient) => circuits.enter(all, Date.now(), impatient))) !== "allow")
      return restOf(keys, circuits.restsOf(all, Date.now()));
    const takenAt = Date.now();
    const waitMs = throughput.take(ticket, message.priority, takenAt);
    if (waitMs > 0) {
      circuits.leave(all, "skipped", Date.now());
      this.#pace.sync(sender);
      return { kind: "full", waitMs };
    }
    const attempt = await this.#client.send(sender.phoneNumberId, message.payload);
    const now = Date.now();
    if (attempt.kind === "error" && attempt.error.code === OVER_THROUGHPUT) {
      this.#shared.recordOverThroughput(sender);
      throughput.onRefused(ticket, message.priority, takenAt, now);
      const isSilent = throughput.isSilent(now);
      circuits.leave(all, isSilent ? callResult(attempt, keys) : "skipped", now);
      this.#pace.sync(sender);
      return isSilent ? attempt : { kind: "busy", attempt };
    }
    circuits.leave(all, callResult(attempt, keys), now);
    this.#observe(attempt, message.to);
    if (attempt.kind === "accepted") {
      throughput.onSent(now);
      this.#shared.countRecipient(sender, message.payload.biz_opaque_callback_data);
      this.#compareAccount(message.to, attempt.waId ?? null);
    }
    this.#pace.sync(sender);
    return attempt;
  }

  #observe(attempt: WhatsAppAttempt, to: E164): void {
    const { observations } = this.#shared;
    if (attempt.kind === "accepted") observations.recordAccepted(Date.now());
    else if (attempt.kind === "error") {
      observations.recordError(attempt.error.code, countryOf(to), Date.now());
    }
  }

  #compareAccount(dialled: E164, waId: string | null): void {
    if (waId === null || waId === dialled.slice(1)) return;
    const account = parseWaId(waId);
    if (account !== null && account !== subscriberOf(dialled)) this.#onAccount(dialled, account);
  }
}

/** A result with the template that was at fault, if any. */
function resultOf(attempt: WhatsAppAttempt, { template }: WhatsAppMessage): SendResult {
  const result = toResult("whatsapp", attempt);
  const isTemplateAtFault = attempt.kind === "error" && attempt.error.scope === "template";
  return isTemplateAtFault ? withFailure(result, { template }) : result;
}

/** The refusal of a message that no sender was free to send. */
function notSent(outcome: Skipped | Busy, { template }: WhatsAppMessage): SendResult {
  if (outcome.kind !== "resting") {
    const result =
      outcome.kind === "full" ? refused("whatsapp", NO_CAPACITY) : toResult("whatsapp", outcome.attempt);
    return withFailure(result, { retryAfterMs: CAPACITY_RETURNS_MS });
  }
  const { scope, until } = outcome;
  const title = RESTING_TITLES[scope] ?? "Every sender is paused after an error";
  return withFailure(refused("whatsapp", { code: "circuit_open", class: "backoff", title }), {
    retryAfterMs: Math.max(0, until - Date.now()),
    template: scope === "template" ? template : null,
  });
}

/** Said where senders work, and only what they would send is paused. */
const RESTING_TITLES: Partial<Record<Scope, string>> = {
  template: "The template is paused in this language after an error",
  country: "Messages to this country are paused after an error",
};

interface MoreOfFailure {
  readonly retryAfterMs?: number;
  readonly template?: WhatsAppMessage["template"];
}

function withFailure(result: SendResult, { template = null, ...more }: MoreOfFailure): SendResult {
  if (result.kind !== "refused") return result;
  const failure = { ...result.failure, ...more };
  return { kind: "refused", failure: template === null ? failure : { ...failure, template } };
}

/** The scope that a sender's refusal is about: the sender or the account first, since they close everything. */
const BY_BREADTH = ["sender", "account", "template", "country"] as const;

function restOf(keys: CircuitKeys, rests: readonly Rest[]): Skipped {
  const isResting = (scope: Scope) => rests.some(({ key }) => key === keys[scope]);
  const scope = BY_BREADTH.find(isResting) ?? "sender";
  return { kind: "resting", scope, until: Math.max(Date.now(), ...rests.map(({ until }) => until)) };
}

/** A sender that WhatsApp has just refused goes again soonest; one without room is free within a second. */
const BY_HOPE = ["busy", "full", "tried", "resting"] as const;

function firstFree(a: Outcome, b: Outcome): Outcome {
  if (a.kind === "full" && b.kind === "full") return b.waitMs < a.waitMs ? b : a;
  if (a.kind === "resting" && b.kind === "resting") return b.until < a.until ? b : a;
  return BY_HOPE.indexOf(b.kind) <= BY_HOPE.indexOf(a.kind) ? b : a;
}

type CircuitKeys = Partial<Record<Scope, string>>;

/** The circuits that a send depends on. */
function circuitKeys({ phoneNumberId }: Sender, { to, template }: WhatsAppMessage): CircuitKeys {
  const subject = { phoneNumberId, country: countryOf(to), template };
  const scopes = ["sender", "account", "template", "country"] as const;
  const keys = scopes.map((scope) => [scope, circuitKey(scope, subject)] as const);
  return Object.fromEntries(keys.filter(([, key]) => key !== null));
}

function callResult(attempt: WhatsAppAttempt, keys: CircuitKeys): CallResult {
  if (attempt.kind === "no_answer" || (attempt.kind === "error" && attempt.error.class === "retry"))
    return "timeout";
  const key = attempt.kind === "error" ? keys[attempt.error.scope] : undefined;
  // An error of this recipient alone shows that the sender works.
  return attempt.kind === "error" && key !== undefined ? { key, error: attempt.error } : "worked";
}

/**
 * Polls until a call is allowed or denied. Each request uses its own timer: Workers may not await another
 * request's I/O.
 */
async function admit(enter: (impatient: boolean) => Permit): Promise<Permit> {
  const impatientAt = Date.now() + LONGEST_WAIT_MS;
  for (;;) {
    const permit = enter(Date.now() >= impatientAt);
    if (permit !== "wait") return permit;
    await pause(POLL_MS);
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resume) => setTimeout(resume, milliseconds));
}

/** The WhatsApp channel for codes. */
export function whatsAppChannel(dispatch: Dispatch): Channel {
  return {
    name: "whatsapp",
    async send(message) {
      const { to, template, language } = message;
      if (template === null || language === null) throw new Error("A WhatsApp message needs a template");
      const payload = codePayload({ ...message, template, language });
      return dispatch.send({ to, template: { name: template, language }, payload, priority: "code" });
    },
  };
}
