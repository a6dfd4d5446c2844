import type { Problem, Verification } from "./generated/types.ts";

/** The codes of the API's problems, and those of calls that the API did not answer. */
export type SandiErrorCode = Problem["code"] | "connection_failed" | "timed_out" | "unexpected_response";

/** One fault of the input; `pointer` is a JSON Pointer (RFC 6901) into the body. */
export type Fault = NonNullable<Problem["errors"]>[number];

/** What the last channel answered when no channel carried the message. */
export type ProviderError = NonNullable<Problem["provider"]>;

/** What a {@link SandiError} is made of. */
export interface SandiErrorDetails {
  readonly code: SandiErrorCode;
  readonly detail: string;
  readonly status?: number | undefined;
  readonly requestId?: string | null | undefined;
  readonly retryAfter?: number | null | undefined;
  readonly errors?: readonly Fault[] | undefined;
  readonly verification?: Verification | undefined;
  readonly provider?: ProviderError | undefined;
  readonly cause?: unknown;
}

/**
 * A call that was refused or not answered. Switch on `code`:
 *
 * ```ts
 * try {
 *   await sandi.verifications.start({ to });
 * } catch (error) {
 *   if (!(error instanceof SandiError)) throw error;
 *   if (error.code === "resend_too_soon") return showCodePage(error.verification, error.retryAfter);
 *   throw error;
 * }
 * ```
 *
 * It holds no code that was sent and no API key.
 */
export class SandiError extends Error {
  override readonly name = "SandiError";
  /**
   * The problem's code. `connection_failed`, `timed_out`: no answer arrived, so the call may have had its effect.
   * `unexpected_response`: the answer is not Sandi's, such as a proxy's error page.
   */
  readonly code: SandiErrorCode;
  /** The HTTP status; null when no answer arrived. */
  readonly status: number | null;
  /** What was wrong with this request, in a sentence for developers. */
  readonly detail: string;
  /** Names the request in the deployment's log. */
  readonly requestId: string | null;
  /** Seconds until the same call may succeed; null when the answer does not say. */
  readonly retryAfter: number | null;
  /** With `invalid_request`: every fault of the input. */
  readonly errors: readonly Fault[];
  /** With `resend_too_soon` and `send_limit_reached`: the verification that is pending for the same request. */
  readonly verification: Verification | null;
  /** With `channel_failed` and `channel_unavailable`: what the last channel answered. */
  readonly provider: ProviderError | null;

  constructor(details: SandiErrorDetails) {
    super(`${details.code}: ${details.detail}`, { cause: details.cause });
    this.code = details.code;
    this.status = details.status ?? null;
    this.detail = details.detail;
    this.requestId = details.requestId ?? null;
    this.retryAfter = details.retryAfter ?? null;
    this.errors = details.errors ?? [];
    this.verification = details.verification ?? null;
    this.provider = details.provider ?? null;
  }
}
