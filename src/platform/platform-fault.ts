/** Properties that the platform sets on the errors of a call to an object. */
interface PlatformError extends Error {
  /** The error is transient. The call may have been applied all the same. */
  readonly retryable?: boolean;
  /** The object has more calls waiting than it can take; another one would make that worse. */
  readonly overloaded?: boolean;
  /** Set by {@link Unavailable}; own properties of an error cross a call to an object, its class does not. */
  readonly isUnavailable?: boolean;
}

/** Thrown where this build cannot serve a request that another build, or this one later, can. */
export class Unavailable extends Error {
  readonly isUnavailable = true;
}

/**
 * Messages of the platform's own faults, which carry no flag: an object that was reset or whose storage failed, D1
 * without an answer of SQLite, and KV.
 */
const FAULT_MESSAGES = [
  /^internal error; reference/i,
  /\breset because its code was updated\b/i,
  /\bNetwork connection lost\b/i,
  /^D1_ERROR(?!.*\bSQLITE_(ERROR|CONSTRAINT|MISMATCH|RANGE)\b)/,
  /^KV (GET|PUT|DELETE|LIST)\b.* failed: (429|5\d\d)\b/,
] as const;

/** Whether an error is the platform's own fault, and no bug of ours: the same call may work in a moment. */
export function isPlatformFault(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { retryable, overloaded, isUnavailable, message }: PlatformError = error;
  if (retryable === true || overloaded === true || isUnavailable === true) return true;
  return FAULT_MESSAGES.some((pattern) => pattern.test(message));
}

/** The longest pause before a call is repeated; random, so that callers of one object do not come back together. */
const LONGEST_PAUSE_MS = 100;

/**
 * Makes a call to an object, and repeats it once where the platform says that it may be: never to an object that is
 * overloaded. The first call may have been applied, so the call has to be one that does nothing twice.
 *
 * @param call Gets a fresh stub each time, since a stub is unusable after an error.
 */
export function repeatOnce<Answer>(call: () => PromiseLike<Answer>): PromiseLike<Answer> {
  // Not an async function, which would add a promise to every start and check.
  return call().then(
    (answer) => answer,
    (error: unknown) => repeat(call, error),
  );
}

async function repeat<Answer>(call: () => PromiseLike<Answer>, error: unknown): Promise<Answer> {
  const { retryable = false, overloaded = false }: Partial<PlatformError> =
    error instanceof Error ? error : {};
  if (!retryable || overloaded) throw error;
  await scheduler.wait(Math.random() * LONGEST_PAUSE_MS);
  return call();
}
