import type { PhoneNumberName } from "../../ids/phone-number-name.ts";
import { MINUTE_MS } from "../../platform/time.ts";

/**
 * Sends of verifications that are still open, by the number's object: how many, and when the last one was.
 * Bounded by the 10,000 numbers of a range, and by {@link KEPT_MS}.
 */
export type Pending = ReadonlyMap<PhoneNumberName, { readonly sends: number; readonly at: number }>;

/** A verification lives ten minutes at most, and its end is told within seconds. */
const KEPT_MS = 11 * MINUTE_MS;

export const NONE_PENDING: Pending = new Map();

/** Adds sends of a number, or takes them back: of those two, either may come first. */
export function addPending(pending: Pending, name: PhoneNumberName, sends: number, now: number): Pending {
  const kept = new Map<PhoneNumberName, { readonly sends: number; readonly at: number }>();
  for (const [other, entry] of pending) if (isKept(entry, now)) kept.set(other, entry);
  const total = (kept.get(name)?.sends ?? 0) + sends;
  kept.delete(name);
  return total === 0 ? kept : kept.set(name, { sends: total, at: now });
}

/** Takes out what a verification that is over has sent: as much of it as is known here. */
export function removePending(pending: Pending, name: PhoneNumberName, sends: number, now: number): Pending {
  return addPending(pending, name, -Math.min(sends, pending.get(name)?.sends ?? 0), now);
}

export function countPending(pending: Pending, now: number): number {
  let sum = 0;
  for (const entry of pending.values()) if (isKept(entry, now)) sum += entry.sends;
  return sum;
}

/** False for one whose end was never told. */
function isKept({ at }: { readonly at: number }, now: number): boolean {
  return at > now - KEPT_MS;
}
