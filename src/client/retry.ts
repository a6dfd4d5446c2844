import type { SandiError } from "./error.ts";

/** A longer wait is the caller's to decide. */
const LONGEST_WAIT_MS = 10_000;
const FIRST_BACKOFF_MS = 500;
const SECOND_MS = 1000;

/**
 * How long to wait before a call whose repeat is harmless is repeated.
 *
 * A 429 is never repeated: it protects the owner of a number, and the app shows its user how long to wait.
 *
 * @param attempt Counts from 0.
 * @returns Milliseconds, or null if a repeat has no prospect.
 */
export function retryDelay(error: SandiError, attempt: number): number | null {
  const { status, retryAfter } = error;
  if (status === 503 && retryAfter !== null) {
    const wait = retryAfter * SECOND_MS;
    return wait <= LONGEST_WAIT_MS ? wait + Math.random() * FIRST_BACKOFF_MS : null;
  }
  return isPassing(error) ? backoff(attempt) : null;
}

function isPassing({ code, status }: SandiError): boolean {
  switch (code) {
    case "connection_failed":
    case "timed_out":
    // The first attempt is still running.
    case "idempotency_in_progress":
      return true;
    case "unexpected_response":
      return status !== null && status >= 500;
    default:
      return false;
  }
}

/** Between half and all of a time that doubles: clients that failed together do not return together. */
function backoff(attempt: number): number {
  const longest = Math.min(FIRST_BACKOFF_MS * 2 ** attempt, LONGEST_WAIT_MS);
  return (longest * (1 + Math.random())) / 2;
}
