/** What is known already, or will be. Whoever gets the one goes on at once, without a turn of the event loop. */
export type MaybePromise<Value> = Value | Promise<Value>;
