import type { E164 } from "../../numbering/e164.ts";
import type { Attempt } from "../provider-call.ts";
import type { StatusUpdate } from "../status-update.ts";

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
