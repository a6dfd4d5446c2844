import type { VerificationSnapshot } from "../snapshot.ts";

/** Nothing was sent, checked or charged, and why. */
export interface Refusal {
  readonly kind: "refused";
  readonly code: "number_locked" | "resend_too_soon" | "send_limit_reached";
  readonly retryAfterMs: number;
  /** The exceeded limit, as the RateLimit header fields name it. */
  readonly limit: { readonly name: string; readonly quota: number; readonly windowMs: number };
  /** The verification that is pending for the same request, so that a caller that lost its id can go on. */
  readonly pending: VerificationSnapshot | null;
}

export function refusal(
  code: Refusal["code"],
  retryAfterMs: number,
  name: string,
  quota: number,
  windowMs: number,
): Refusal {
  return { kind: "refused", code, retryAfterMs, limit: { name, quota, windowMs }, pending: null };
}
