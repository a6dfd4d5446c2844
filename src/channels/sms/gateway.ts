import type { E164 } from "../../numbering/e164.ts";
import type { StatusUpdate } from "../channel.ts";
import type { ErrorClass, ProviderError } from "../failure.ts";
import type { Attempt } from "../provider-call.ts";

/** A text on its way to a phone. */
export interface Sms {
  readonly to: E164;
  readonly text: string;
  /** Comes back with every status callback. */
  readonly callbackData: string;
}

/** A status callback as it arrived: nothing in it is to be believed before its signature has been checked. */
export interface SmsCallback {
  /** The request's URL; of it only the query is used, for proxies rewrite the rest. */
  readonly url: string;
  readonly headers: Headers;
  readonly rawBody: Uint8Array;
}

/** A company that carries SMS. One implementation a file. */
export interface SmsGateway {
  readonly name: string;
  /** One call, no retry; the signal ends it when the time is up. */
  send(sms: Sms, signal: AbortSignal): Promise<Attempt>;
  /**
   * Checks the callback's signature over the raw bytes, in constant time, then reads it. Null means it is
   * not the gateway's; an empty list, that it brings nothing this service knows.
   */
  readUpdates(callback: SmsCallback): StatusUpdate[] | null;
}

/** A gateway's error codes: what to do about each, and a title of ours. */
export type ErrorTable = ReadonlyMap<string, readonly [ErrorClass, string]>;

export function errorTable(rows: Readonly<Record<string, readonly [ErrorClass, string]>>): ErrorTable {
  return new Map(Object.entries(rows));
}

/** What a code that a table does not have says by the answer's HTTP status alone. */
export function unknownError(code: string, httpStatus: number): ProviderError {
  const title = "An unknown error of the SMS gateway's";
  if (httpStatus >= 500) return { code, class: "retry", title };
  return { code, class: httpStatus === 429 ? "backoff" : "fallback", title };
}

/**
 * Looks a code up. Like WhatsApp's, an unknown one gets a quick retry after a 5xx, else the next channel:
 * an unknown error must cost no user the code.
 */
export function classifyBy(table: ErrorTable, code: string, httpStatus = 200): ProviderError {
  const known = table.get(code);
  return known === undefined ? unknownError(code, httpStatus) : { code, class: known[0], title: known[1] };
}
