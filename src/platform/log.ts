import type { E164 } from "../numbering/e164.ts";
import { maskNumber } from "../numbering/e164.ts";

/**
 * What a log line may say. There is no field for a code, a secret or a body, and a number goes in whole
 * and comes out masked: the type is the rule.
 */
export interface LogFields {
  readonly requestId?: string;
  readonly route?: string;
  readonly status?: number;
  readonly outcome?: string;
  readonly to?: E164 | undefined;
  readonly ms?: number;
  readonly count?: number;
  readonly provider?: string;
  /** What an exception said. Never answered to a caller. */
  readonly error?: string;
}

/** One structured line on the platform's log. */
export function log(level: "info" | "warn" | "error", message: string, { to, ...fields }: LogFields): void {
  console[level](
    JSON.stringify({ level, message, ...fields, ...(to !== undefined && { to: maskNumber(to) }) }),
  );
}
