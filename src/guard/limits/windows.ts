import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../platform/time.ts";

/** So many in so long: one of a named limit's windows. */
export interface Window {
  readonly quota: number;
  readonly windowMs: number;
}

/** What a window said no with, and when it would say yes. */
export interface Exceeded extends Window {
  readonly count: number;
  readonly retryAfterMs: number;
}

const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, min: MINUTE_MS, h: HOUR_MS, day: DAY_MS };
const WINDOW = /^(\d{1,4}) per (?:(\d{1,3}) )?(s|min|h|day)$/;

/** A limit remembers one time for each that its largest quota allows. */
export const LARGEST_QUOTA = 1000;
const LONGEST_WINDOW_MS = 30 * DAY_MS;

/** Reads `5 per 10 min, 20 per day`; null when it says anything else, nothing, or more than can be kept. */
export function parseWindows(text: string): readonly Window[] | null {
  const windows = text.split(",").map((part): Window | null => {
    const [, quota, count = "1", unit = ""] = WINDOW.exec(part.trim()) ?? [];
    const windowMs = Number(count) * (UNIT_MS[unit] ?? 0);
    const fits = Number(quota) >= 1 && Number(quota) <= LARGEST_QUOTA;
    return fits && windowMs > 0 && windowMs <= LONGEST_WINDOW_MS ? { quota: Number(quota), windowMs } : null;
  });
  return windows.includes(null) ? null : windows.filter((window) => window !== null);
}

/**
 * Whether one more would be too many: the full window that stays so for longest, or null.
 *
 * @param times When those counted so far came, oldest first, in milliseconds since the epoch.
 */
export function tooMany(times: readonly number[], windows: readonly Window[], now: number): Exceeded | null {
  const full = windows.flatMap((window) => exceededBy(times, window, now) ?? []);
  return full.toSorted((a, b) => b.retryAfterMs - a.retryAfterMs)[0] ?? null;
}

/** The times that can still fill one of the windows: no more than the largest quota of them. */
export function remembered(times: readonly number[], windows: readonly Window[], now: number) {
  const largest = Math.max(0, ...windows.map(({ quota }) => quota));
  return times.filter((at) => at > now - longestOf(windows)).slice(-largest);
}

/** How long a time has to be remembered. */
export function longestOf(windows: readonly Window[]): number {
  return Math.max(0, ...windows.map(({ windowMs }) => windowMs));
}

function exceededBy(times: readonly number[], window: Window, now: number): Exceeded | null {
  const inside = times.filter((at) => at > now - window.windowMs);
  const opening = inside.at(-window.quota);
  if (opening === undefined) return null;
  return { ...window, count: inside.length, retryAfterMs: opening + window.windowMs - now };
}
