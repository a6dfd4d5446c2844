import { DAY_MS, HOUR_MS } from "../../platform/time.ts";

/** What happened in one hour or day; its index counts those since the epoch, in UTC. */
export interface Slot {
  readonly index: number;
  readonly sends: number;
  /** Sends whose verification was approved, counted when it was. */
  readonly approvals: number;
}

/** How much went out and how much of it came back approved. */
export type Counts = Pick<Slot, "sends" | "approvals">;

/**
 * Counts of a range or of a country, oldest slot first, empty ones left out: at most 25 hours and 15 days,
 * whatever the traffic.
 */
export interface Counters {
  readonly hours: readonly Slot[];
  readonly days: readonly Slot[];
}

/** Full slots; the one under way comes on top. */
const HOURS_KEPT = 24;
const DAYS_KEPT = 14;

export const NOTHING: Counters = { hours: [], days: [] };

/** Adds counts to the slots of the moment; a new slot pushes out those that no window reaches any more. */
export function add({ hours, days }: Counters, counts: Counts, now: number): Counters {
  return {
    hours: addTo(hours, Math.floor(now / HOUR_MS), HOURS_KEPT, counts),
    days: addTo(days, Math.floor(now / DAY_MS), DAYS_KEPT, counts),
  };
}

/**
 * Counts of a window of at most a day that ends now. The oldest hour counts for the share of it that the
 * window still covers, so that nothing jumps at a full hour.
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
  // What was approved now may have been sent before the window began.
  return { approvals, unverified: Math.max(0, sends - approvals) };
}

/** The most approvals that one of the last fourteen days saw. */
export function bestDay({ days }: Counters, now: number): number {
  const oldest = Math.floor(now / DAY_MS) - DAYS_KEPT;
  let best = 0;
  for (const { index, approvals } of days) if (index >= oldest) best = Math.max(best, approvals);
  return best;
}

/** Forgets what stayed unverified, and keeps what was approved. */
export function clearUnverified({ hours, days }: Counters): Counters {
  const forgiven = (slot: Slot) => ({ ...slot, sends: Math.min(slot.sends, slot.approvals) });
  return { hours: hours.map(forgiven), days };
}

/** Sums counts that were kept in two places. Any order, same result. */
export function merge(a: Counters, b: Counters): Counters {
  return { hours: plus(a.hours, b.hours), days: plus(a.days, b.days) };
}

/** True when nothing is left that any window could reach. */
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
