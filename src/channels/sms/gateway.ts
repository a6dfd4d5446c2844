import type { E164 } from "../../numbering/e164.ts";
import type { StatusUpdate } from "../channel.ts";
import type { ErrorClass, ProviderError } from "../failure.ts";
import type { Attempt } from "../provider-call.ts";

/** An SMS to send. */
export interface Sms {
  readonly to: E164;
  readonly text: string;
  /** The gateway echoes it in every status callback. */
  readonly callbackData: string;
}

/** A status callback as received, not yet verified. */
export interface SmsCallback {
  /** The request's URL. Only its query is used, because proxies rewrite the rest. */
  readonly url: string;
  readonly headers: Headers;
  readonly rawBody: Uint8Array;
}

/** A provider that sends SMS. One implementation per file. */
export interface SmsGateway {
  readonly name: string;
  /** Makes one call without a retry; the signal enforces the time limit. */
  send(sms: Sms, signal: AbortSignal): Promise<Attempt>;
  /**
   * Verifies the callback's signature over the raw bytes, in constant time, then reads it. Null when the
   * signature is wrong; an empty list when the callback has no status known here.
   */
  readUpdates(callback: SmsCallback): StatusUpdate[] | null;
}

/** A gateway's error codes with their class and our title. */
export type ErrorTable = ReadonlyMap<string, readonly [ErrorClass, string]>;

export function errorTable(rows: Readonly<Record<string, readonly [ErrorClass, string]>>): ErrorTable {
  return new Map(Object.entries(rows));
}

/** Classifies an unknown code by the answer's HTTP status alone. */
export function unknownError(code: string, httpStatus: number): ProviderError {
  const title = "Unknown SMS gateway error";
  if (httpStatus >= 500) return { code, class: "retry", title };
  return { code, class: httpStatus === 429 ? "backoff" : "fallback", title };
}

/**
 * Classifies a code. As for WhatsApp, an unknown one is retried once after a 5xx; otherwise the next channel
 * is used, so that an unknown error does not cost the user the code.
 */
export function classifyBy(table: ErrorTable, code: string, httpStatus = 200): ProviderError {
  const known = table.get(code);
  return known === undefined ? unknownError(code, httpStatus) : { code, class: known[0], title: known[1] };
}
