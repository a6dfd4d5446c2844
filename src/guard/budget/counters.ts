import type { PhoneNumberName } from "../../ids/phone-number-name.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../platform/time.ts";

/** The counts of one hour or day, whose index counts hours or days since the epoch, in UTC. */
export interface Slot {
  readonly index: number;
  readonly sends: number;
  /** Sends whose verification was approved, counted when it was. */
  readonly approvals: number;
}

/** How many messages were sent, and how many of these belong to approved verifications. */
export type Counts = Pick<Slot, "sends" | "approvals">;

/**
 * Counts of a range or of a country, oldest slot first, without empty slots: at most 25 hours and 15 days,
 * at any traffic.
 */
export interface Counters {
  readonly hours: readonly Slot[];
  readonly days: readonly Slot[];
}

/** Full slots, besides the current one. */
const HOURS_KEPT = 24;
const DAYS_KEPT = 14;

export const NOTHING: Counters = { hours: [], days: [] };

/**
 * Adds counts to the current slots. A new slot removes those that no window reaches any more.
 *
 * @param unchecked Sends of the day whose code is not checked here: they are not measured as unverified.
 */
export function add({ hours, days }: Counters, counts: Counts, now: number, unchecked = 0): Counters {
  const ofDay = { ...counts, sends: counts.sends + unchecked };
  return {
    hours: addTo(hours, Math.floor(now / HOUR_MS), HOURS_KEPT, counts),
    days: addTo(days, Math.floor(now / DAY_MS), DAYS_KEPT, ofDay),
  };
}

/**
 * Counts of a window of at most a day that ends now. The oldest hour counts for the share of it that the
 * window covers, so that the counts do not jump at a full hour.
 */
export function within(
  { hours }: Counters,
  windowMs: number,
  now: number,
): { readonly approvals: number; readonly unverified: number } {
  let sends = 0;
  let approvals = 0;
  for (const slot of hours) {
    const covered = (slot.index + 1) * HOUR_MS - (now - windowMs);
    const share = Math.min(1, Math.max(0, covered / HOUR_MS));
    sends += slot.sends * share;
    approvals += slot.approvals * share;
  }
  // The send of an approval may lie before the window.
  return { approvals, unverified: Math.max(0, sends - approvals) };
}

/** The highest number of approvals on one of the last fourteen days. */
export function bestDay({ days }: Counters, now: number): number {
  const oldest = Math.floor(now / DAY_MS) - DAYS_KEPT;
  let best = 0;
  for (const { index, approvals } of days) if (index >= oldest) best = Math.max(best, approvals);
  return best;
}

/** Removes unverified sends and keeps approvals. */
export function clearUnverified({ hours, days }: Counters): Counters {
  const cleared = (slot: Slot) => ({ ...slot, sends: Math.min(slot.sends, slot.approvals) });
  return { hours: hours.map(cleared), days };
}

/** Sums counts that two objects have kept. Commutative and associative. */
export function merge(a: Counters, b: Counters): Counters {
  return { hours: plus(a.hours, b.hours), days: plus(a.days, b.days) };
}

/** True when no window reaches any of the counts. */
export function isSilent({ days }: Counters, now: number): boolean {
  return since(days, Math.floor(now / DAY_MS) - DAYS_KEPT).length === 0;
}

function since(slots: readonly Slot[], oldest: number): readonly Slot[] {
  return slots.filter(({ index }) => index >= oldest);
}

function addTo(slots: readonly Slot[], index: number, kept: number, counts: Counts): readonly Slot[] {
  const newest = slots.at(-1);
  if (newest?.index !== index) return [...since(slots, index - kept), { index, ...counts }];
  return slots.with(-1, sum(newest, counts));
}

function plus(a: readonly Slot[], b: readonly Slot[]): readonly Slot[] {
  const sums = new Map<number, Slot>();
  for (const slot of [...a, ...b]) {
    const former = sums.get(slot.index);
    sums.set(slot.index, former === undefined ? slot : sum(former, slot));
  }
  return [...sums.values()].sort((x, y) => x.index - y.index);
}

function sum({ index, sends, approvals }: Slot, counts: Counts): Slot {
  return { index, sends: sends + counts.sends, approvals: approvals + counts.approvals };
}

/**
 * Sends of verifications that are still open, by the name of the number's object. Bounded by the 10,000 numbers
 * of a range and by {@link PENDING_MS}.
 */
export type Pending = ReadonlyMap<PhoneNumberName, PendingSends>;

interface PendingSends {
  readonly sends: number;
  /** When the last one was counted, in milliseconds since the epoch. */
  readonly at: number;
}

/** A verification is open for ten minutes at most, and its end is reported within seconds. */
const PENDING_MS = 11 * MINUTE_MS;

export const NONE_PENDING: Pending = new Map();

/** Adds sends of a number; a negative count removes them and may arrive first. */
export function addPending(pending: Pending, name: PhoneNumberName, sends: number, now: number): Pending {
  const kept = new Map<PhoneNumberName, PendingSends>();
  for (const [key, entry] of pending) if (isCurrent(entry, now)) kept.set(key, entry);
  const total = (kept.get(name)?.sends ?? 0) + sends;
  kept.delete(name);
  return total === 0 ? kept : kept.set(name, { sends: total, at: now });
}

/** Removes the sends of a closed verification, as far as they are known here. */
export function removePending(pending: Pending, name: PhoneNumberName, sends: number, now: number): Pending {
  return addPending(pending, name, -Math.min(sends, pending.get(name)?.sends ?? 0), now);
}

export function countPending(pending: Pending, now: number): number {
  let sum = 0;
  for (const entry of pending.values()) if (isCurrent(entry, now)) sum += entry.sends;
  return sum;
}

/** False for sends whose end was never reported. */
function isCurrent({ at }: PendingSends, now: number): boolean {
  return at > now - PENDING_MS;
}
