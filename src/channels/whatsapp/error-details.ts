import { log } from "../../platform/log.ts";

/** What Meta says about an error besides its code. It is said once: nothing asks for it again. */
export interface ErrorDetails {
  readonly code: number;
  readonly subcode?: number | undefined;
  /** `error_data.details`, masked by {@link maskDetails}. */
  readonly details?: string | undefined;
  /** What Meta's support asks for. */
  readonly traceId?: string | undefined;
}

/** Long enough for Meta's sentences; they are stored with the message. */
const LONGEST_DETAILS = 300;
/** Shorter texts, such as a currency, also occur in ordinary sentences. */
const SHORTEST_CONFIDENTIAL = 4;

/**
 * Cuts phone numbers, codes and the message's own texts out of Meta's details: they may quote what was sent. A
 * number that follows a `#` is an error code.
 *
 * @param confidential The texts of the message that was sent, where they are known.
 */
export function maskDetails(details: string, confidential: readonly string[] = []): string {
  let masked = details;
  for (const text of confidential) {
    if (text.length >= SHORTEST_CONFIDENTIAL) masked = masked.replaceAll(text, "***");
  }
  return masked.replace(/(?<![#\d])\+?\d(?:[\s().-]?\d){3,}/g, "***").slice(0, LONGEST_DETAILS);
}

/** Meta's trace ids are short and of these characters; anything else is not logged. */
const TRACE_ID = /^[\w.+/=-]{1,64}$/;

/** Writes an error of Meta to the log, once for any number of messages that met it. */
export function logError(
  message: string,
  { code, subcode, details, traceId }: ErrorDetails,
  count = 1,
): void {
  log("warn", message, {
    provider: "whatsapp",
    code,
    subcode,
    details,
    fbtrace_id: traceId !== undefined && TRACE_ID.test(traceId) ? traceId : undefined,
    count,
  });
}
