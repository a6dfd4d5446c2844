/**
 * What Cloudflare published in 2026 about its platform on the Workers Paid plan, each with the page that says so. None of
 * it was tried on Cloudflare's network.
 */

/** "Limits", D1: a database answers one query at a time, 1,000 a second where each takes a millisecond. */
export const D1_QUERY_MS = 1;

/** "Limits", Queues: messages that one queue takes in a second. */
export const QUEUE_MESSAGES_PER_SECOND = 5_000;

/** "Limits", Queues: invocations of one queue's consumer that run at the same time. */
export const QUEUE_CONSUMERS = 250;

/** "Limits", Durable Objects: what one object stores. */
export const OBJECT_BYTES = 10e9;

/** "Limits", Durable Objects: calls that one object answers in a second; above it, they fail as overloaded. */
export const OBJECT_CALLS_PER_SECOND = 1_000;

/** "Workers Logs": lines of an account in a day; above it, one in a hundred is kept. */
export const LOG_LINES_PER_DAY = 5e9;

/** "Limits", Workers: requests, calls and reads of one invocation. */
export const SUBREQUESTS = 10_000;

/** "Limits", KV: writes of one key in a second. */
export const KV_WRITES_PER_KEY = 1;

/** Dollars a month for each GB that D1 stores ("Pricing", D1). */
export const D1_USD_PER_GB_MONTH = 0.75;

/** The same for objects ("Pricing", Durable Objects). */
export const OBJECT_USD_PER_GB_MONTH = 0.2;

/** Dollars for each million lines ("Pricing", Workers Logs). */
export const LOG_USD_PER_MILLION = 0.6;
