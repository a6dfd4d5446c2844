import { type AppScope, covers } from "../ids/app-name.ts";
import { type IdempotencyRequest, KEY_LIFETIME_MS } from "../ids/idempotency-key.ts";
import type { VerificationId } from "../ids/verification-id.ts";
import type { E164 } from "../numbering/e164.ts";
import { DAY_MS, HOUR_MS } from "../platform/time.ts";
import type { Answer } from "./answers.ts";
import type { VerificationEvent } from "./event.ts";
import { closesAt } from "./message-link.ts";
import { type Pointer, pointerEnd, validPointer } from "./pointer.ts";
import { close, fallbackAt, type Verification } from "./verification.ts";

/** Raise it with a change that an older build must not read or overwrite. */
export const PHONE_STATE_VERSION = 6;

/** How long a network or device is known after its last approval. */
const KNOWN_MS = 90 * DAY_MS;

/** How long a refusal by WhatsApp makes the next one count as another in a row. */
const HOLD_MEMORY_MS = HOUR_MS;

/** How many verifications that every channel refused are kept; they count towards no limit of sends. */
export const KEPT_REFUSED = 20;

/**
 * Everything known about one phone number: the one record that its object stores. All times are milliseconds
 * since the epoch.
 *
 * The record is bounded, see `bounded.ts`.
 */
export interface PhoneState {
  /** Null once only a count of failures is left: then the record no longer says which number it belongs to. */
  readonly to: E164 | null;
  /** Oldest first. At most one per app, purpose, session and method is pending. */
  readonly verifications: readonly Verification[];
  /** The sends of the last day that count towards the number's windows, oldest first. */
  readonly sends: readonly CountedSend[];
  /** Networks and devices whose codes were approved, the one seen last at the end. */
  readonly known: readonly KnownTag[];
  /** Null unless WhatsApp has refused messages because there were too many. */
  readonly pairHold: PairHold | null;
  /** Consecutive failures at purposes whose policy blocks after them. */
  readonly purposeFailures: readonly PurposeFailures[];
  /** Consecutive wrong codes on this number, over all its verifications; only a right code resets them. */
  readonly consecutiveFailures: number;
  /** Until when no message is sent and no code checked; `Infinity` until an operator unlocks the number. */
  readonly lockedUntil: number;
  readonly idempotency: readonly IdempotencyRecord[];
  /** When a check last had nothing to charge; 0 after a day. */
  readonly lastUnchargedCheckAt: number;
  /** The denials of the last day, oldest first. */
  readonly denials: readonly Denial[];
  /** Null where the deployment does not watch identities, or has seen none. */
  readonly identity: Identity | null;
  /** Where the person's verifications are, if they are dialled by another number; null for almost everybody. */
  readonly pointer: Pointer | null;
  /** Events and jobs that decisions caused, stored with the decision until a queue has them. */
  readonly outbox: readonly OutboxItem[];
}

/** A send of a code. Another channel with the same code is not another send. */
export interface CountedSend {
  readonly at: number;
  /** Null in a record of before the sends of a verification were given back. */
  readonly id: VerificationId | null;
  /** The provider refused it. */
  readonly isRefused: boolean;
}

/** A keyed tag of a network or a device, and when a code that it requested was last approved. */
export interface KnownTag {
  readonly tag: string;
  readonly at: number;
}

/** No message is sent until a time, which is later after each refusal. */
export interface PairHold {
  readonly until: number;
  readonly refusals: number;
}

export interface PurposeFailures {
  readonly purpose: string;
  readonly failures: number;
  /** 0 while there are too few failures for a block. */
  readonly blockedUntil: number;
}

/** A request that a key was used for, and its answer. */
export interface IdempotencyRecord extends IdempotencyRequest {
  readonly at: number;
  readonly id: VerificationId;
  /** Null while the first request is still running. */
  readonly answer: Answer | null;
}

/** One tap on "I didn't request a code". */
export interface Denial {
  readonly at: number;
  /** WhatsApp's id of the tap: its webhook may be repeated. */
  readonly tapId: string;
}

/** WhatsApp's hash of the keys on a user's phone; another hash means another phone, or another owner. */
export interface Identity {
  readonly current: string;
  readonly seenAt: number;
  /** The hash when a code was last approved. */
  readonly approved: string | null;
}

export type OutboxItem = SendJob | VerificationEvent | EventReference;

/** An event in a record that has become too large: the rest of it is read from its verification when it is sent. */
export interface EventReference extends Pick<VerificationEvent, "id" | "type" | "at"> {
  readonly kind: "reference";
  readonly verificationId: VerificationId;
  readonly revision: number;
}

/** A message to send. The queue's consumer claims it from the object before it sends. */
export interface SendJob {
  readonly kind: "send";
  readonly id: VerificationId;
  readonly ordinal: number;
  readonly at: number;
  /** Later than `at` where a request is sending the message already, and the job covers the case that it dies. */
  readonly notBefore: number;
  /** When the object hands the job over again if the message is still not sent. */
  readonly repeatAt: number;
}

export const EMPTY: PhoneState = {
  to: null,
  verifications: [],
  sends: [],
  known: [],
  pairHold: null,
  purposeFailures: [],
  consecutiveFailures: 0,
  lockedUntil: 0,
  idempotency: [],
  lastUnchargedCheckAt: 0,
  denials: [],
  identity: null,
  pointer: null,
  outbox: [],
};

/**
 * Brings the record to the present: closes what has expired and forgets what was closed, sent or answered a
 * day ago. Every decision begins with it, so no answer depends on when the alarm ran. Returns the same object
 * when nothing was due.
 */
export function advance(state: PhoneState, now: number): PhoneState {
  const dayAgo = now - DAY_MS;
  const isOver = (v: Verification) => v.status === "pending" && closesAt(v) <= now;
  const isOld = (at: number | null) => at !== null && at <= dayAgo;
  const isOldKey = ({ at, keptForMs = KEY_LIFETIME_MS }: IdempotencyRecord) => at + keptForMs <= now;
  const isOverHold = ({ until }: PairHold) => until <= now - HOLD_MEMORY_MS;
  const isOverBlock = ({ blockedUntil }: PurposeFailures) => blockedUntil > 0 && blockedUntil <= now;
  const nothingDue = !(
    state.verifications.some((v) => isOver(v) || isOld(v.closedAt)) ||
    state.sends.some(({ at }) => isOld(at)) ||
    state.known.some(({ at }) => at <= now - KNOWN_MS) ||
    (state.pairHold !== null && isOverHold(state.pairHold)) ||
    state.purposeFailures.some(isOverBlock) ||
    state.denials.some(({ at }) => isOld(at)) ||
    (state.lastUnchargedCheckAt > 0 && isOld(state.lastUnchargedCheckAt)) ||
    validPointer(state.pointer, now) !== state.pointer ||
    state.idempotency.some(isOldKey)
  );
  if (nothingDue) return state;

  const verifications = state.verifications
    .map((v) => (isOver(v) ? close(v, "expired", null, v.expiresAt) : v))
    .filter((v) => !isOld(v.closedAt));
  const sends = state.sends.filter(({ at }) => !isOld(at));
  const idempotency = state.idempotency.filter((record) => !isOldKey(record));
  const denials = state.denials.filter(({ at }) => !isOld(at));
  const isSilent = verifications.length + sends.length + idempotency.length + denials.length === 0;
  return {
    ...state,
    to: isSilent ? null : state.to,
    verifications,
    sends,
    known: state.known.filter(({ at }) => at > now - KNOWN_MS),
    pairHold: state.pairHold !== null && isOverHold(state.pairHold) ? null : state.pairHold,
    purposeFailures: state.purposeFailures.filter((failures) => !isOverBlock(failures)),
    idempotency,
    denials,
    pointer: validPointer(state.pointer, now),
    lastUnchargedCheckAt: isOld(state.lastUnchargedCheckAt) ? 0 : state.lastUnchargedCheckAt,
  };
}

/** True when nothing is left that a later request could ask for or be limited by. */
export function isForgotten(state: PhoneState): boolean {
  const { to, verifications, consecutiveFailures, identity, outbox, known, pointer, purposeFailures } = state;
  // Failures and an approved identity are kept without end, and do not say which number they belong to.
  const hasNoIdentity = identity === null || identity.approved === null;
  return (
    to === null &&
    verifications.length === 0 &&
    consecutiveFailures === 0 &&
    hasNoIdentity &&
    state.lastUnchargedCheckAt === 0 &&
    known.length === 0 &&
    purposeFailures.length === 0 &&
    state.pairHold === null &&
    pointer === null &&
    outbox.length === 0
  );
}

/** When the alarm is due: for a job, a silent message or an expiry; else a day after the last activity. */
export function nextDue(state: PhoneState): number | null {
  // Events can wait for whatever is due next, since no user waits for them.
  let due = Number.POSITIVE_INFINITY;
  for (const item of state.outbox) if (item.kind === "send") due = Math.min(due, item.repeatAt);
  for (const v of state.verifications) {
    if (v.status === "pending") due = Math.min(due, closesAt(v), fallbackAt(v) ?? v.expiresAt);
  }
  if (due < Number.POSITIVE_INFINITY) return due;
  // A verification that has not learned its number is in a record without one.
  if (state.to === null && state.verifications.length === 0) return nextForgotten(state);
  let last = state.lastUnchargedCheckAt;
  for (const { closedAt } of state.verifications) last = Math.max(last, closedAt ?? 0);
  for (const { at } of state.sends) last = Math.max(last, at);
  for (const { at } of state.idempotency) last = Math.max(last, at);
  for (const { at } of state.denials) last = Math.max(last, at);
  return last + DAY_MS;
}

/** When something is to be forgotten in a record that no longer says which number it belongs to. */
function nextForgotten({
  lastUnchargedCheckAt,
  known,
  pairHold,
  pointer,
  purposeFailures,
}: PhoneState): number | null {
  const times = [
    ...(lastUnchargedCheckAt > 0 ? [lastUnchargedCheckAt + DAY_MS] : []),
    ...(pairHold === null ? [] : [pairHold.until + HOLD_MEMORY_MS]),
    ...(pointer === null ? [] : [pointerEnd(pointer)]),
    ...known.map(({ at }) => at + KNOWN_MS),
    ...purposeFailures.flatMap(({ blockedUntil }) => (blockedUntil > 0 ? [blockedUntil] : [])),
  ];
  // One alarm for the last of them, as setting one bills a row.
  return times.length === 0 ? null : Math.max(...times);
}

/** Replaces a verification by its changed version. */
export function withVerification(state: PhoneState, verification: Verification): PhoneState {
  return {
    ...state,
    verifications: state.verifications.map((v) => (v.id === verification.id ? verification : v)),
  };
}

/** Finds a verification by id in an advanced state. */
export function findVerification(state: PhoneState, id: VerificationId): Verification | undefined {
  return state.verifications.find((v) => v.id === id);
}

/** Finds a verification by id that the caller can reach. Another app's is not found. */
export function findOwn(state: PhoneState, id: VerificationId, scope: AppScope): Verification | undefined {
  const found = findVerification(state, id);
  return found !== undefined && covers(scope, found.app) ? found : undefined;
}
