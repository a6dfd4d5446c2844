/** A value that may be known already: its receiver then continues without a turn of the event loop. */
export type MaybePromise<Value> = Value | Promise<Value>;
