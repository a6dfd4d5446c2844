import type { VerificationId } from "../ids/verification-id.ts";
import type { E164 } from "../numbering/e164.ts";
import { DAY_MS } from "../platform/time.ts";
import type { IdempotencyRecord } from "./answers.ts";
import type { VerificationEvent } from "./event.ts";
import type { SendJob } from "./send-job.ts";
import type { Verification } from "./verification.ts";
import { close, silentAt } from "./verification.ts";

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
  readonly lastUnchargedCheckAt: number;
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

export type OutboxItem = SendJob | VerificationEvent;
/** How many verifications that no channel would carry are remembered; they count towards no limit of sends. */
export const KEPT_REFUSED = 20;
export const EMPTY: PhoneState = {
  to: null,
  verifications: [],
  sendTimes: [],
  consecutiveFailures: 0,
  lockedUntil: 0,
  idempotency: [],
  lastUnchargedCheckAt: 0,
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
    (state.lastUnchargedCheckAt > 0 && isOld(state.lastUnchargedCheckAt)) ||
    state.idempotency.some(({ at }) => isOld(at))
  );
  if (nothingDue) return state;

  const verifications = state.verifications
    .map((v) => (isOver(v) ? close(v, "expired", null, v.expiresAt) : v))
    .filter((v) => !isOld(v.closedAt));
  const sendTimes = state.sendTimes.filter((at) => !isOld(at));
  const idempotency = state.idempotency.filter(({ at }) => !isOld(at));
  const denials = state.denials.filter(({ at }) => !isOld(at));
  const lookedAt = isOld(state.lastUnchargedCheckAt) ? 0 : state.lastUnchargedCheckAt;
  const silent = verifications.length + sendTimes.length + idempotency.length + denials.length === 0;
  return {
    ...state,
    to: silent ? null : state.to,
    verifications,
    sendTimes,
    idempotency,
    denials,
    lastUnchargedCheckAt: lookedAt,
  };
}

/** True when nothing is left that anybody could still ask for or be limited by. */
export function isForgotten(state: PhoneState): boolean {
  const { to, consecutiveFailures, identity, lastUnchargedCheckAt: lookedAt, outbox } = state;
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
  if (state.to === null) return state.lastUnchargedCheckAt > 0 ? state.lastUnchargedCheckAt + DAY_MS : null;
  let last = state.lastUnchargedCheckAt;
  for (const { closedAt } of state.verifications) last = Math.max(last, closedAt ?? 0);
  for (const at of state.sendTimes) last = Math.max(last, at);
  for (const { at } of state.idempotency) last = Math.max(last, at);
  for (const { at } of state.denials) last = Math.max(last, at);
  return last + DAY_MS;
}

/** Puts a changed verification in the place of its former self. */
export function replace(state: PhoneState, verification: Verification): PhoneState {
  return {
    ...state,
    verifications: state.verifications.map((v) => (v.id === verification.id ? verification : v)),
  };
}

/** Finds a verification by id in an advanced state. */
export function find(state: PhoneState, id: VerificationId): Verification | undefined {
  return state.verifications.find((v) => v.id === id);
}
