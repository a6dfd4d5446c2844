import type { VerificationId } from "../../ids/verification-id.ts";
import { HOUR_MS } from "../../platform/time.ts";
import { exceededWindow } from "../../platform/windows.ts";
import { type NumberLimits, windowsForStrangers } from "../number-limits.ts";
import type { CountedSend, PairHold, PhoneState } from "../phone-state.ts";
import type { Attribution } from "../verification.ts";
import { isKnown } from "./known.ts";
import { type Refusal, refusal } from "./refusal.ts";

/** WhatsApp's error for too many messages from one sender to one recipient. */
const PAIR_RATE = "131056";
/** WhatsApp accepts one message per recipient every 6 s, and asks to wait 4^X s longer after each refusal. */
const FIRST_HOLD_MS = 6_000;
const HOLD_FACTOR = 4;
const LONGEST_HOLD_MS = HOUR_MS;

/** The codes of failures that were found before a provider was called. */
const NOT_ATTEMPTED: ReadonlySet<string> = new Set(["circuit_open", "no_template"]);

/** As many as the largest quota can count. */
export const MOST_SENDS = 100;

/**
 * Refuses a message to a number that has reached its sends of a window, over all apps, purposes, sessions and bindings.
 * Where networks or devices are known on the number, a part is kept for them: others cannot use all of it up, so that
 * the owner still gets a code.
 *
 * @param isOtherChannel A resend over a channel that has not carried the code: it counts, but the wait between two sends,
 *   a window with room for one, is not for it.
 */
export function refuseBusyNumber(
  state: PhoneState,
  limits: NumberLimits,
  requester: Attribution,
  isOtherChannel: boolean,
  now: number,
): Refusal | null {
  const isStranger = state.known.length > 0 && !isKnown(state, requester);
  const all = isStranger ? windowsForStrangers(limits) : limits.windows;
  const windows = isOtherChannel ? all.filter((_, index) => limits.windows[index]?.quota !== 1) : all;
  const times = state.sends.map(({ at }) => at);
  const exceeded = exceededWindow(times, windows, now);
  if (exceeded === null) return null;
  const { quota, windowMs, retryAfterMs } = exceeded;
  const code = quota === 1 ? "resend_too_soon" : "send_limit_reached";
  return refusal(code, retryAfterMs, "sends-per-number", quota, windowMs);
}

/** Refuses a message while WhatsApp would: another try at once makes it refuse for longer. */
export function refuseHeldNumber({ pairHold }: PhoneState, now: number): Refusal | null {
  if (pairHold === null || now >= pairHold.until) return null;
  const { until, refusals } = pairHold;
  return refusal("resend_too_soon", until - now, "pair-rate", 1, holdMs(refusals));
}

/** Counts a send that is about to be made. */
export function countSend(
  sends: readonly CountedSend[],
  id: VerificationId,
  now: number,
): readonly CountedSend[] {
  return [...sends, { at: now, id, isRefused: false }].slice(-MOST_SENDS);
}

/**
 * Marks a send that a provider refused: it goes on counting, because 400 refused ones would reach the provider
 * otherwise. One that no provider was asked about is not counted any more.
 */
export function recordRefusedSend(
  sends: readonly CountedSend[],
  id: VerificationId,
  at: number,
  errorCode: string,
): readonly CountedSend[] {
  const isMeant = (send: CountedSend) => send.id === id && send.at === at;
  return NOT_ATTEMPTED.has(errorCode)
    ? sends.filter((send) => !isMeant(send))
    : sends.map((send) => (isMeant(send) ? { ...send, isRefused: true } : send));
}

/** Counts the sends of a superseded verification as its successor's, whose approval gives them back. */
export function reassignSends(
  sends: readonly CountedSend[],
  superseded: VerificationId,
  successor: VerificationId,
): readonly CountedSend[] {
  return sends.map((send) => (send.id === superseded ? { ...send, id: successor } : send));
}

/** Gives back the sends of a verification. */
export function withoutSendsOf(sends: readonly CountedSend[], id: VerificationId): readonly CountedSend[] {
  return sends.filter((send) => send.id !== id);
}

/** Gives back the sends of an approved verification, and those that were refused: the phone is its owner's. */
export function giveBackSends(sends: readonly CountedSend[], id: VerificationId): readonly CountedSend[] {
  return sends.filter((send) => send.id !== id && !send.isRefused);
}

/** Holds the number after a pair-rate refusal, longer after each. Other errors hold nothing. */
export function holdAfter(hold: PairHold | null, errorCode: string | null, now: number): PairHold | null {
  if (errorCode !== PAIR_RATE) return hold;
  const refusals = 1 + (hold?.refusals ?? 0);
  return { refusals, until: now + holdMs(refusals) };
}

function holdMs(refusals: number): number {
  return Math.min(FIRST_HOLD_MS * HOLD_FACTOR ** (refusals - 1), LONGEST_HOLD_MS);
}
