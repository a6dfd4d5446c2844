import { DAY_MS, HOUR_MS, MINUTE_MS } from "./time.ts";

/** One window of a named limit. */
export interface Window {
  readonly quota: number;
  readonly windowMs: number;
}

/** A window that is full, and when it has room again. */
export interface Exceeded extends Window {
  readonly count: number;
  readonly retryAfterMs: number;
}

const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, min: MINUTE_MS, h: HOUR_MS, day: DAY_MS };
const WINDOW = /^(\d{1,4}) per (?:(\d{1,3}) )?(s|min|h|day)$/;

/** A counter stores one time for each send that its largest quota allows. */
export const LARGEST_QUOTA = 1000;
const MAX_WINDOW_MS = 30 * DAY_MS;

/** Parses `5 per 10 min, 20 per day`; null for any other text and for limits above the maximum. */
export function parseWindows(text: string): readonly Window[] | null {
  const windows = text.split(",").map((part): Window | null => {
    const [, quota, count = "1", unit = ""] = WINDOW.exec(part.trim()) ?? [];
    const windowMs = Number(count) * (UNIT_MS[unit] ?? 0);
    const fits = Number(quota) >= 1 && Number(quota) <= LARGEST_QUOTA;
    return fits && windowMs > 0 && windowMs <= MAX_WINDOW_MS ? { quota: Number(quota), windowMs } : null;
  });
  return windows.includes(null) ? null : windows.filter((window) => window !== null);
}

/**
 * Returns the full window that has room last; null where every window has room for one more.
 *
 * @param times The times of the sends counted so far, oldest first, in milliseconds since the epoch.
 */
export function exceededWindow(
  times: readonly number[],
  windows: readonly Window[],
  now: number,
): Exceeded | null {
  const full = windows.flatMap((window) => exceededBy(times, window, now) ?? []);
  return full.toSorted((a, b) => b.retryAfterMs - a.retryAfterMs)[0] ?? null;
}

/** Returns the times that a window can still count, at most as many as the largest quota. */
export function timesToKeep(times: readonly number[], windows: readonly Window[], now: number) {
  const largest = Math.max(0, ...windows.map(({ quota }) => quota));
  return times.filter((at) => at > now - longestWindow(windows)).slice(-largest);
}

/** How long a time has to be stored, in milliseconds. */
export function longestWindow(windows: readonly Window[]): number {
  return Math.max(0, ...windows.map(({ windowMs }) => windowMs));
}

function exceededBy(times: readonly number[], window: Window, now: number): Exceeded | null {
  const inside = times.filter((at) => at > now - window.windowMs);
  const oldest = inside.at(-window.quota);
  if (oldest === undefined) return null;
  return { ...window, count: inside.length, retryAfterMs: oldest + window.windowMs - now };
}
