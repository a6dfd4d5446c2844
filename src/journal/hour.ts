import { HOUR_MS } from "../platform/time.ts";

/**
 * The hour that a time (milliseconds since the epoch) falls in, counted from the epoch in UTC: what the key of
 * the verifications begins with. Whatever asks for a range of time names its hours, or it reads all of the table.
 */
export function hourOf(time: number): number {
  return Math.floor(time / HOUR_MS);
}
