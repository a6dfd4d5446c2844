import type { E164 } from "../numbering/e164.ts";
import { maskNumber } from "../numbering/e164.ts";

/** The fields of a log line. None of them can hold a code, a secret or a body, and {@link log} masks the number. */
export interface LogFields {
  readonly requestId?: string;
  readonly route?: string;
  readonly status?: number;
  readonly outcome?: string;
  /** The id of an API key. */
  readonly caller?: string | undefined;
  readonly to?: E164 | undefined;
  readonly ms?: number;
  readonly count?: number;
  /** An entry of the audit log that could not be stored there. Its target is masked. */
  readonly audit?: Readonly<Record<string, string | null>>;
  readonly provider?: string;
  /** A provider's error: its code, subcode, words without numbers, and the id that its support asks for. */
  readonly code?: number;
  readonly subcode?: number | undefined;
  readonly details?: string | undefined;
  readonly fbtrace_id?: string | undefined;
  /** Ids at the provider, such as those of other accounts. */
  readonly ids?: readonly string[];
  /** The text of an exception, which no answer to a caller contains. */
  readonly error?: string;
}

/** Writes one line of JSON to the platform's log. */
export function log(level: "info" | "warn" | "error", message: string, { to, ...fields }: LogFields): void {
  const masked = to === undefined ? undefined : maskNumber(to);
  console[level](JSON.stringify({ level, message, ...fields, to: masked }));
}
