import { APIError } from "better-auth/api";
import type { PhoneNumberOptions, TwoFactorOptions } from "better-auth/plugins";
import { Sandi } from "./client.ts";
import { SandiError } from "./error.ts";
import type { Fetch } from "./options.ts";

type SendOTP = PhoneNumberOptions["sendOTP"];
/** What better-auth knows of the request; undefined for its own calls on the server. */
export type Context = Parameters<SendOTP>[1];

export interface SandiTwoFactorOptions {
  /** Where the deployment answers: `https://otp.example.com`. */
  readonly url: string | undefined;
  /** An API key with the scope `verifications`. */
  readonly key: string | undefined;
  /**
   * The purpose of sign-in, sign-up and a change of number.
   * @defaultValue "login"
   */
  readonly purpose?: string | undefined;
  /** The user's language. The first of the header `accept-language` unless it names one. */
  readonly locale?: ((ctx: Context) => string | undefined) | undefined;
  /** The user's address, for the guard's limits: only from a header that your own proxy sets. */
  readonly ip?: ((ctx: Context) => string | undefined) | undefined;
  /** Keys for the deployment's named limits. */
  readonly limits?: ((phoneNumber: string, ctx: Context) => Record<string, string>) | undefined;
  /**
   * Milliseconds that one of at most two attempts may take: the user waits for them.
   * @defaultValue 15000
   */
  readonly timeoutMs?: number | undefined;
  /** Replaces the platform's `fetch`. */
  readonly fetch?: Fetch | undefined;
}

export interface SandiPhoneNumberOptions extends SandiTwoFactorOptions {
  /**
   * The purpose of a password reset.
   * @defaultValue "recovery"
   */
  readonly recoveryPurpose?: string | undefined;
}

/**
 * The options of better-auth's phone-number plugin by which Sandi draws, sends and checks its codes:
 *
 * ```ts
 * phoneNumber({
 *   ...sandiPhoneNumber({ url: process.env.SANDI_URL, key: process.env.SANDI_KEY }),
 *   signUpOnVerification: { getTempEmail: (number) => `${number}@example.com` },
 * });
 * ```
 *
 * A wrong, used or expired code is better-auth's `INVALID_OTP`. Other refusals are an `APIError` whose `code` is that of
 * Sandi's problem in capitals, such as `RESEND_TOO_SOON` with `Retry-After`. Numbers have to be in E.164.
 *
 * @throws TypeError without `url` or `key`.
 */
export function sandiPhoneNumber(
  options: SandiPhoneNumberOptions,
): Required<Pick<PhoneNumberOptions, "sendOTP" | "verifyOTP" | "sendPasswordResetOTP">> {
  const sandi = clientOf(options);
  const { purpose = "login", recoveryPurpose = "recovery" } = options;
  const send =
    (purpose: string): SendOTP =>
    async ({ phoneNumber }, ctx) => {
      assertE164(phoneNumber);
      await orApiError(ctx, () =>
        sandi.verifications.start({ to: phoneNumber, purpose, ...requestOf(options, phoneNumber, ctx) }),
      );
    };
  return {
    sendOTP: send(purpose),
    sendPasswordResetOTP: send(recoveryPurpose),
    async verifyOTP({ phoneNumber, code }, ctx) {
      assertE164(phoneNumber);
      const isReset = ctx?.path === "/phone-number/reset-password";
      const { valid } = await orApiError(ctx, () =>
        sandi.verifications
          .checkByNumber({
            to: phoneNumber,
            code,
            purpose: isReset ? recoveryPurpose : purpose,
            client: userOf(options, ctx),
          })
          .catch(invalidWithoutCode),
      );
      return valid;
    },
  };
}

/**
 * The `otpOptions` of better-auth's two-factor plugin by which Sandi brings its code to the user's `phoneNumber`.
 * better-auth draws and checks the code.
 *
 * ```ts
 * twoFactor({ otpOptions: sandiTwoFactor({ url: process.env.SANDI_URL, key: process.env.SANDI_KEY }) });
 * ```
 *
 * @throws TypeError without `url` or `key`.
 */
export function sandiTwoFactor(
  options: SandiTwoFactorOptions,
): Required<Pick<NonNullable<TwoFactorOptions["otpOptions"]>, "sendOTP">> {
  const sandi = clientOf(options);
  const { purpose = "login" } = options;
  return {
    async sendOTP({ user, otp }, ctx) {
      const to = "phoneNumber" in user ? user.phoneNumber : null;
      if (typeof to !== "string") {
        const message = "The user has no phone number";
        throw new APIError("BAD_REQUEST", { code: "PHONE_NUMBER_MISSING", message });
      }
      await orApiError(ctx, () =>
        sandi.verifications.start({ to, purpose, code: otp, ...requestOf(options, to, ctx) }),
      );
    },
  };
}

/** better-auth compares numbers as texts: with a second spelling, one person's number would have a second user. */
function assertE164(phoneNumber: string): void {
  if (/^\+[1-9]\d+$/.test(phoneNumber)) return;
  const message = "Give the phone number in E.164, such as +6281234567890";
  throw new APIError("BAD_REQUEST", { code: "INVALID_PHONE_NUMBER", message });
}

function clientOf({ timeoutMs = 15_000, ...options }: SandiTwoFactorOptions): Sandi {
  return new Sandi({ ...options, timeoutMs, retries: 1 });
}

function requestOf(options: SandiTwoFactorOptions, phoneNumber: string, ctx: Context) {
  return {
    locale: options.locale?.(ctx) ?? languageOf(ctx),
    client: userOf(options, ctx),
    limits: options.limits?.(phoneNumber, ctx),
  };
}

function userOf({ ip }: SandiTwoFactorOptions, ctx: Context): { ip: string } | undefined {
  const address = ip?.(ctx);
  return address === undefined ? undefined : { ip: address };
}

/** The first language that the user's browser names, if it is one. */
function languageOf(ctx: Context): string | undefined {
  const headers = ctx?.headers ?? ctx?.request?.headers;
  const [tag = ""] = headers?.get("accept-language")?.split(/[,;]/) ?? [];
  try {
    return new Intl.Locale(tag.trim()).baseName;
  } catch {
    return undefined;
  }
}

/** A text without letters or digits is a wrong code. */
function invalidWithoutCode(error: unknown): { readonly valid: false } {
  const isOfCode =
    error instanceof SandiError &&
    error.code === "invalid_request" &&
    error.errors.length > 0 &&
    error.errors.every(({ pointer }) => pointer === "/code");
  if (isOfCode) return { valid: false };
  throw error;
}

async function orApiError<Answer>(ctx: Context, call: () => Promise<Answer>): Promise<Answer> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof SandiError)) throw error;
    throw toApiError(error, ctx);
  }
}

type Status = "BAD_REQUEST" | "FORBIDDEN" | "TOO_MANY_REQUESTS" | "SERVICE_UNAVAILABLE";

/** What the user may be told, by the status of the problem. What remains is a fault of the configuration. */
function statusOf({ code, status }: SandiError): Status | null {
  switch (code) {
    case "invalid_phone_number":
      return "BAD_REQUEST";
    case "destination_not_allowed":
    case "denied_by_policy":
      return "FORBIDDEN";
    case "channel_failed":
    case "idempotency_in_progress":
    case "connection_failed":
    case "timed_out":
      return "SERVICE_UNAVAILABLE";
    case "unexpected_response":
      return status !== null && status >= 500 ? "SERVICE_UNAVAILABLE" : null;
    default:
      if (status === 429) return "TOO_MANY_REQUESTS";
      return status === 503 ? "SERVICE_UNAVAILABLE" : null;
  }
}

function toApiError(error: SandiError, ctx: Context): APIError {
  const status = statusOf(error);
  if (status === null) {
    ctx?.context.logger.error(`Sandi refused a call (request ${error.requestId}): ${error.message}`);
    return new APIError("INTERNAL_SERVER_ERROR", { message: "Internal Server Error" });
  }
  const headers = error.retryAfter === null ? {} : { "retry-after": String(error.retryAfter) };
  return new APIError(status, { code: error.code.toUpperCase(), message: error.detail }, headers);
}
