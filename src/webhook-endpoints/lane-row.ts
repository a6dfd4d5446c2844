import type { Attempt } from "./post.ts";

/** A row of a lane: events that were handed over together, or one after another while there was room. */
export interface EventRow {
  readonly version: number;
  /** Where a search for unfinished rows begins: none was older when this one was written. */
  readonly floor: string;
  readonly sealed: readonly Uint8Array[];
  readonly count: number;
  /** Digests of the events' ids. */
  readonly digests: string;
  /** The places of events that are stored elsewhere by now: with a batch that failed, or replayed. */
  readonly moved: readonly number[];
  /** Once all its events are delivered or moved: the answer to the last of them. */
  readonly finished: (Pick<Attempt, "status" | "durationMs"> & { readonly at: number }) | null;
}

/** Raise it with a change that an older build must not read or overwrite. */
export const ROW_VERSION = 1;

/** Bounds what one more event rewrites, and keeps a row far below 2 MB, the most that a value may have. */
const MAX_EVENTS = 100;
const MAX_BYTES = 256_000;

export function newRow(
  floor: string,
  sealed: Uint8Array,
  count: number,
  digests: string,
  moved: readonly number[] = [],
): EventRow {
  return { version: ROW_VERSION, floor, sealed: [sealed], count, digests, moved, finished: null };
}

/** The row with more events; null when it has no room for them. */
export function extendRow(
  row: EventRow,
  sealed: Uint8Array,
  count: number,
  digests: string,
): EventRow | null {
  const bytes = row.sealed.reduce((sum, part) => sum + part.length, sealed.length);
  if (row.count + count > MAX_EVENTS || bytes > MAX_BYTES) return null;
  return {
    ...row,
    sealed: [...row.sealed, sealed],
    count: row.count + count,
    digests: row.digests + digests,
  };
}

/** The time in a row's key. */
export function timeOf(key: string): number {
  return Number(key.slice(key.lastIndexOf("/") + 1));
}

/** Of a fixed length, so that keys are in the order of their times. */
export function spell(time: number): string {
  return String(time).padStart(15, "0");
}
