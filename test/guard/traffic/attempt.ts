import type { E164 } from "../../../src/numbering/e164.ts";

/** An attempt to verify a number, by a user or by a fraudster. */
export interface Attempt {
  readonly honest: boolean;
  readonly country: string;
  readonly number: E164;
  /** The times of its send requests, in milliseconds since the epoch; the first one starts it. */
  readonly sendsAt: readonly number[];
  /** Null where the code is not entered. */
  readonly approvedAt: number | null;
}

/** A Monday, midnight UTC. */
export const BEGIN = Date.UTC(2026, 0, 5);
