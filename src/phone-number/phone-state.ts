import type { CodeProof, SealedCode } from "../codes/code.ts";
import type { EventType, NumberInEvents, VerificationEvent } from "../events/event.ts";
import type { VerificationId } from "../ids/verification-id.ts";
import type { E164 } from "../numbering/e164.ts";
import type { IdempotencyRecord } from "./decisions/idempotency.ts";
import type { ChannelName, Policy } from "./policy.ts";

/**
 * Everything that is known about one phone number: the one record its object stores.
 *
 * The record is bounded. A verification costs at least one send or is refused by its channels, so those
 * kept are bounded by the sends of a day and by {@link KEPT_REFUSED}; idempotency records by the sends of
 * a day and the attempts of its verifications. All times are milliseconds since the epoch.
 */
export interface PhoneState {
  /** Null once only a count of failures is left: then nothing here says whose it is. */
  readonly to: E164 | null;
  /** Oldest first. At most one per purpose is pending. */
  readonly verifications: readonly Verification[];
  /** When messages went out in the last day, oldest first. */
  readonly sendTimes: readonly number[];
  /** Wrong codes in a row on this number, over all its verifications; only a right one resets them. */
  readonly consecutiveFailures: number;
  /** Until when nothing is sent or checked; `Infinity` until an operator unlocks. */
  readonly lockedUntil: number;
  readonly idempotency: readonly IdempotencyRecord[];
  /** When a code was last checked in vain where there was nothing to charge; 0 after a day. */
  readonly lookedAt: number;
  /** When the number's owner said that they had asked for no code, oldest first, in the last day. */
  readonly denials: readonly Denial[];
  /** Null where the deployment does not look at identities, or has seen none. */
  readonly identity: Identity | null;
  /** What a decision wants done outside, until it has been handed over; written with the decision itself. */
  readonly outbox: readonly OutboxItem[];
}

/** One tap of "I didn't request a code". */
export interface Denial {
  readonly at: number;
  /** WhatsApp's id of the tap: it may tell of the same one twice. */
  readonly of: string;
}

/** WhatsApp's hash of the keys on a user's phone; another one means another phone, or another owner. */
export interface Identity {
  readonly current: string;
  readonly seenAt: number;
  /** As it was when a code was last approved. */
  readonly approved: string | null;
}

/** A message that somebody has to send: whoever takes it asks the object again before it does. */
export interface SendJob {
  readonly kind: "send";
  readonly id: VerificationId;
  readonly ordinal: number;
  readonly at: number;
  /** Later than `at` where somebody is already sending, and this is for the case that they die. */
  readonly notBefore: number;
  /** When the object hands it over once more, should the message still wait: a queue may lose it too. */
  readonly lookAgainAt: number;
}

export type OutboxItem = SendJob | VerificationEvent;

export interface Verification {
  readonly id: VerificationId;
  readonly to: E164;
  /** The number as events carry it, made where the key is: masked, sealed, and where it belongs. */
  readonly numberInEvents: NumberInEvents;
  /** Of a test number: the code is in the configuration, and nothing is sent. */
  readonly test: boolean;
  /** Which events somebody wants of it; what the journal needs goes out in any case. */
  readonly wanted: readonly EventType[];
  /** How many events it has caused. */
  readonly revision: number;
  readonly purpose: string;
  readonly policy: FrozenPolicy;
  /** What may carry the code, in the order in which each is tried when the one before fails. */
  readonly channels: readonly ChannelName[];
  readonly status: VerificationStatus;
  readonly reason: ClosingReason | null;
  readonly locale: string;
  readonly bind: Binding | null;
  readonly metadata: Readonly<Record<string, string>>;
  /** In whose name it was asked for: a denial counts against these. */
  readonly heldTo: HeldTo;
  /** The phone's identity is not the one that the last approved code went to. */
  readonly identityChanged: boolean;
  /** Gone the moment the verification closes. */
  readonly code: StoredCode | null;
  /** Checks charged so far, the successful one included. */
  readonly attempts: number;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly closedAt: number | null;
  /** Oldest first; a message's place in this list is its ordinal. */
  readonly messages: readonly Message[];
}

/** Who answers for a send. */
export interface HeldTo {
  /** The deployment's named limits, with the values that the caller gave. */
  readonly limits: Readonly<Record<string, string>>;
  /** The user's network as the guard counts it; null where nobody said. */
  readonly network: string | null;
}

export type VerificationStatus = "pending" | "approved" | "canceled" | "expired" | "failed";

/** `superseded` closes a canceled verification: another one for the same purpose took its place. */
export type ClosingReason = "attempts_exhausted" | "undeliverable" | "denied_by_user" | "superseded";

/** The part of the policy that decides later, as it was when the verification began. */
export type FrozenPolicy = Pick<
  Policy,
  "expiresInSeconds" | "maxAttempts" | "maxSends" | "resendAfterSeconds" | "resend" | "fallbackAfterSeconds"
>;

/** What a code is good for, and nothing else: a payment's amount and payee (PSD2 RTS article 5). */
export interface Binding {
  readonly amount: string;
  readonly currency: string;
  readonly payee: string;
}

export interface StoredCode {
  readonly proof: CodeProof;
  readonly sealed: SealedCode;
  /** Such a code is not ours to replace: its owner may be comparing it as well. */
  readonly broughtByCaller: boolean;
  /** When it was drawn: no resend stretches its life past the limit counted from here. */
  readonly drawnAt: number;
}

export interface Message {
  readonly channel: ChannelName;
  readonly status: MessageStatus;
  readonly template: string | null;
  readonly language: string | null;
  /** How long its channel tries to deliver it; null where that is not known, or goes on for days. */
  readonly timeToLiveSeconds: number | null;
  readonly providerMessageId: string | null;
  readonly error: MessageError | null;
  /** What the provider says it charges for; null until it does. */
  readonly pricing: Pricing | null;
  /** Since when somebody is sending it; null while it waits for one. */
  readonly takenAt: number | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** When the provider first saw each of these; null for what it has not told. */
  readonly sentAt: number | null;
  readonly deliveredAt: number | null;
  readonly readAt: number | null;
}

export interface Pricing {
  readonly category: string;
  readonly billable: boolean;
}

export type MessageStatus = "queued" | "sent" | "delivered" | "read" | "failed";

export interface MessageError {
  readonly code: string;
  readonly title: string;
  /** What the team can do about it. */
  readonly action: string;
}

export const DAY_MS = 86_400_000;

/** How many verifications that no channel would carry are remembered; they count towards no limit of sends. */
export const KEPT_REFUSED = 20;

/** A message past its time to live may still be on its way to saying so. */
const DROPPED_MARGIN_SECONDS = 5;

export const EMPTY: PhoneState = {
  to: null,
  verifications: [],
  sendTimes: [],
  consecutiveFailures: 0,
  lockedUntil: 0,
  idempotency: [],
  lookedAt: 0,
  denials: [],
  identity: null,
  outbox: [],
};

/**
 * Brings the record to the present: closes what has expired, forgets what has been closed, sent or
 * answered for a day. Every decision begins with it, so no answer depends on when the alarm came.
 * The very same record comes back when nothing was due.
 */
export function advance(state: PhoneState, now: number): PhoneState {
  const dayAgo = now - DAY_MS;
  const isOver = (v: Verification) => v.status === "pending" && v.expiresAt <= now;
  const isOld = (at: number | null) => at !== null && at <= dayAgo;
  const nothingDue = !(
    state.verifications.some((v) => isOver(v) || isOld(v.closedAt)) ||
    state.sendTimes.some(isOld) ||
    state.denials.some(({ at }) => isOld(at)) ||
    (state.lookedAt > 0 && isOld(state.lookedAt)) ||
    state.idempotency.some(({ at }) => isOld(at))
  );
  if (nothingDue) return state;

  const verifications = state.verifications
    .map((v) => (isOver(v) ? close(v, "expired", null, v.expiresAt) : v))
    .filter((v) => !isOld(v.closedAt));
  const sendTimes = state.sendTimes.filter((at) => !isOld(at));
  const idempotency = state.idempotency.filter(({ at }) => !isOld(at));
  const denials = state.denials.filter(({ at }) => !isOld(at));
  const lookedAt = isOld(state.lookedAt) ? 0 : state.lookedAt;
  const silent = verifications.length + sendTimes.length + idempotency.length + denials.length === 0;
  return { ...state, to: silent ? null : state.to, verifications, sendTimes, idempotency, denials, lookedAt };
}

/** True when nothing is left that anybody could still ask for or be limited by. */
export function isForgotten(state: PhoneState): boolean {
  const { to, consecutiveFailures, identity, lookedAt, outbox } = state;
  // A count of failures and an identity say nothing of whose they are, and have no end.
  const knowsNobody = identity === null || identity.approved === null;
  return to === null && consecutiveFailures === 0 && knowsNobody && lookedAt === 0 && outbox.length === 0;
}

/**
 * When the object has to be woken: for a job that nobody may have taken over, a message that stays silent,
 * an expiry; else a day after the last thing that happened.
 */
export function nextDue(state: PhoneState): number | null {
  // Events may wait for the next thing that is due; a user does not wait for them.
  let due = Number.POSITIVE_INFINITY;
  for (const item of state.outbox) if (item.kind === "send") due = Math.min(due, item.lookAgainAt);
  for (const v of state.verifications) {
    if (v.status === "pending") due = Math.min(due, v.expiresAt, silentAt(v) ?? v.expiresAt);
  }
  if (due < Number.POSITIVE_INFINITY) return due;
  if (state.to === null) return state.lookedAt > 0 ? state.lookedAt + DAY_MS : null;
  let last = state.lookedAt;
  for (const { closedAt } of state.verifications) last = Math.max(last, closedAt ?? 0);
  for (const at of state.sendTimes) last = Math.max(last, at);
  for (const { at } of state.idempotency) last = Math.max(last, at);
  for (const { at } of state.denials) last = Math.max(last, at);
  return last + DAY_MS;
}

/** The first channel of its plan that a verification has not tried; null when there is none left. */
export function nextChannel({ channels, messages }: Verification): ChannelName | null {
  return channels.find((name) => messages.every(({ channel }) => channel !== name)) ?? null;
}

/** When a verification's newest message has been silent for too long; null where nothing could follow it. */
export function silentAt(verification: Verification): number | null {
  const newest = verification.messages.at(-1);
  if (newest === undefined || nextChannel(verification) === null) return null;
  if (newest.status !== "queued" && newest.status !== "sent") return null;
  const patience = verification.policy.fallbackAfterSeconds;
  const dropped = (newest.timeToLiveSeconds ?? Number.POSITIVE_INFINITY) + DROPPED_MARGIN_SECONDS;
  return newest.createdAt + Math.min(patience, dropped) * 1000;
}

/** Ends a verification. Its code goes with it: a closed verification has nothing left to steal. */
export function close(
  verification: Verification,
  status: Exclude<VerificationStatus, "pending">,
  reason: ClosingReason | null,
  now: number,
): Verification {
  return { ...verification, status, reason, closedAt: now, code: null };
}

/** Puts a changed verification in the place of its former self. */
export function replace(state: PhoneState, verification: Verification): PhoneState {
  return {
    ...state,
    verifications: state.verifications.map((v) => (v.id === verification.id ? verification : v)),
  };
}
