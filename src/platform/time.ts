export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/**
 * Formats a time as every answer, event and log of this service shows it: RFC 3339 in UTC, with milliseconds.
 *
 * @param time Milliseconds since the epoch.
 */
export function toIso(time: number): string {
  return new Date(time).toISOString();
}

/** As {@link toIso}; null for a time that has not come. */
export function toIsoOrNull(time: number | null): string | null {
  return time === null ? null : toIso(time);
}
