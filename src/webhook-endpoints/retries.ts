const MINUTE = 60;
const HOUR = 3_600;

/** From each failed attempt to the next: the schedule of Standard Webhooks, some 76 hours in all. */
export const RETRY_AFTER_SECONDS = [
  5,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
] as const;

/** The first one, and one after each of the pauses. */
export const MOST_ATTEMPTS = RETRY_AFTER_SECONDS.length + 1;

/** The longest that Cloudflare's queues hold a message back. */
const LONGEST_DELAY_SECONDS = 12 * HOUR;

/** When to try again after that many attempts have failed; null when the delivery is a dead letter. */
export function nextAttemptAt(attempts: number, now: number): number | null {
  const wait = RETRY_AFTER_SECONDS[attempts - 1];
  return wait === undefined ? null : now + wait * 1000;
}

/** How long a message is held back that is meant for a certain time; it may be early, and is held back again then. */
export function delaySeconds(until: number, now: number): number {
  const seconds = Math.ceil((until - now) / 1000);
  return Math.min(Math.max(seconds, 0), LONGEST_DELAY_SECONDS);
}

/** How long a message waits for another try that failed by our own fault, as when D1 does not answer. */
export function delayAfterFault(attempts: number): number {
  return Math.min(5 * 2 ** Math.min(attempts, 10), 10 * MINUTE);
}
