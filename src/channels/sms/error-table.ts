import type { ErrorClass, ProviderError } from "../failure.ts";

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
