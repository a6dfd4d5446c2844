import type { E164 } from "../../../src/numbering/e164.ts";

/** Somebody, or something, that wants to verify a number. */
export interface Visit {
  readonly honest: boolean;
  readonly country: string;
  readonly number: E164;
  /** When each of its messages is asked for, in milliseconds since the epoch; the first begins it. */
  readonly sendsAt: readonly number[];
  /** Null where nobody types the code in. */
  readonly approvedAt: number | null;
}

/** A Monday, midnight UTC. */
export const BEGIN = Date.UTC(2026, 0, 5);
