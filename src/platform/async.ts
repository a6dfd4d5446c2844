/** Continues work after the response has been sent: `waitUntil` of the request's context. */
export type Background = (work: Promise<unknown>) => void;

/** A value that is known already, or a promise of it. Callers continue at once with a known value. */
export type MaybePromise<Value> = Value | Promise<Value>;
