/** Every error that this service answers, by its stable code: HTTP status and title (RFC 9457). */
export const PROBLEMS = {
  invalid_request: [400, "The request is not valid"],
  invalid_phone_number: [400, "The phone number is not a possible E.164 number"],
  unknown_purpose: [400, "The purpose is not configured"],
  unauthorized: [401, "A valid API key is needed"],
  forbidden: [403, "The API key lacks the scope for this call"],
  destination_not_allowed: [403, "The destination is not allowed"],
  denied_by_policy: [403, "The deployment's own check said no"],
  not_found: [404, "There is nothing here"],
  idempotency_in_progress: [409, "The first request with this Idempotency-Key is still running"],
  window_closed: [409, "The user's 24-hour window is closed"],
  payload_too_large: [413, "The request body is too large"],
  idempotency_mismatch: [422, "The Idempotency-Key was used for another request"],
  invalid_message: [422, "The message cannot be sent as it is"],
  template_rejected: [422, "WhatsApp rejected the template"],
  resend_too_soon: [429, "The last message was sent too recently"],
  send_limit_reached: [429, "No more messages may be sent"],
  number_locked: [429, "The phone number is locked after too many wrong codes"],
  rate_limited: [429, "Too many requests"],
  traffic_blocked: [429, "The destination is over its traffic budget"],
  internal: [500, "Something went wrong on our side"],
  channel_failed: [502, "Every channel refused the message"],
  provider_failed: [502, "The provider did not do what was asked"],
  unavailable: [503, "The service is unavailable for a moment"],
  channel_unavailable: [503, "Every channel is unavailable"],
} as const satisfies Record<string, readonly [number, string]>;

export type ProblemCode = keyof typeof PROBLEMS;

/** One thing wrong with the input; the pointer is a JSON Pointer (RFC 6901) into the body. */
export interface Fault {
  readonly pointer: string;
  readonly detail: string;
}

/** Points at a part of the body by the way to it. */
export function pointerTo(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** A limit as the RateLimit header fields of draft-ietf-httpapi-ratelimit-headers state it. */
export interface ExceededLimit {
  readonly name: string;
  readonly quota: number;
  readonly windowSeconds: number;
}

export interface ProblemExtras {
  /** For the reader of the answer. Nothing internal, no code, no full number. */
  readonly detail?: string;
  readonly errors?: readonly Fault[];
  readonly retryAfterSeconds?: number;
  readonly limit?: ExceededLimit;
  /** The verification that is pending for the refused request, as its body shows it. */
  readonly verification?: object;
  /** The phone is not the one that was verified last. */
  readonly identityChanged?: boolean;
  readonly provider?: {
    readonly channel: string;
    readonly code: string;
    readonly subcode?: string;
    readonly title: string;
    /** The provider's own words, without numbers. */
    readonly details?: string;
    /** The template that the provider would not send, and its language. */
    readonly template?: string;
    readonly language?: string;
  };
}

/** Thrown to answer a request with an error. Each group of routes renders it in its own dialect. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly extras: ProblemExtras;

  constructor(code: ProblemCode, extras: ProblemExtras = {}) {
    super(code);
    this.code = code;
    this.extras = extras;
  }

  get status(): (typeof PROBLEMS)[ProblemCode][0] {
    return PROBLEMS[this.code][0];
  }

  /** What happened, in a word for the log. */
  get outcome(): string {
    return this.code;
  }
}
