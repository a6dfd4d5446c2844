/** The part of the platform's `fetch` that is needed. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Waits; rejects with the signal's reason when it is aborted meanwhile. */
export type Sleep = (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>;

export interface SandiOptions {
  /** Where the deployment answers: `https://otp.example.com`. */
  readonly url: string | undefined;
  /** An API key (`sandi_…`) with the scopes of the calls. It belongs into a backend, never into a browser or an app. */
  readonly key: string | undefined;
  /** With `ADMIN_KEY`: the app to act for. */
  readonly app?: string | undefined;
  /**
   * Milliseconds that one attempt may take.
   * @defaultValue 30000
   */
  readonly timeoutMs?: number | undefined;
  /**
   * How often a call is repeated that was not answered, if a repeat is harmless. Each call with an effect that takes an
   * `Idempotency-Key` is given one, unless this is 0.
   * @defaultValue 2
   */
  readonly retries?: number | undefined;
  /** Replaces the platform's `fetch`: for a proxy, a Worker's service binding, or a test. */
  readonly fetch?: Fetch | undefined;
  /** Replaces the wait between two attempts, for tests. */
  readonly sleep?: Sleep | undefined;
}

/** What one call does differently. */
export interface CallOptions {
  /** Aborts the call, its repeats and waits included. */
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
  readonly retries?: number | undefined;
  readonly app?: string | undefined;
}

/** What one call does differently that takes an `Idempotency-Key`. */
export interface KeyedCallOptions extends CallOptions {
  /**
   * Your own name for this call, which makes it one call however often your code repeats it within 24 hours. A random
   * one unless given, which covers the repeats of this client.
   */
  readonly idempotencyKey?: string | undefined;
}

/** A wait that an `AbortSignal` ends. */
export function sleep(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", abort, { once: true });
  });
}
