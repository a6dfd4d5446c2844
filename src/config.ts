import * as z from "zod";
import { type SmsSettings, smsSettings } from "./channels/sms/settings.ts";
import type { WhatsAppSettings } from "./channels/whatsapp/client.ts";
import { LONGEST_TEXT } from "./channels/whatsapp/payload.ts";
import { type Sender, senderSchema } from "./channels/whatsapp/senders.ts";
import { type GuardSettings, guardSettings } from "./guard/settings.ts";
import { type CompatibleSettings, compatibleSettings, unknownPurposes } from "./http/compatible-settings.ts";
import { type HookSecrets, hookSettings } from "./http/sms-hooks/settings.ts";
import { type Apps, appSettings } from "./keys/apps.ts";
import { type SignInSettings, signInSettings } from "./keys/issuer/settings.ts";
import { developmentSetting } from "./keys/issuer/turnstile-settings.ts";
import { pricesWith, priceTable } from "./messages/prices.ts";
import type { MessagePrices } from "./messages/whatsapp-prices.ts";
import { isLocale } from "./numbering/locale.ts";
import { type NumberLimits, numberLimitsSchema } from "./phone-number/number-limits.ts";
import { type Policy, policySchema } from "./phone-number/policy.ts";
import { Keyring } from "./platform/keyring.ts";
import { log } from "./platform/log.ts";
import { placementSettings } from "./platform/placement.ts";
import { isLoopbackUrl, secureUrl } from "./platform/secure-url.ts";

/** The validated settings of a deployment: every variable and secret of the environment, without the bindings. */
export interface Config {
  /** Derives the keys of the deployment from `SECRET_KEY`. */
  readonly keyring: Keyring;
  /** The API key with every scope. */
  readonly adminKey: string;
  readonly whatsapp: WhatsAppSettings & {
    readonly businessAccountId: string;
    readonly appSecret: string;
    readonly verifyToken: string;
  };
  /** The phone numbers that send on WhatsApp; at least one. */
  readonly senders: readonly Sender[];
  /** The policy of each purpose; `login` always has one. */
  readonly policies: ReadonlyMap<string, Policy>;
  /** The apps that it serves; `default` is always one of them. */
  readonly apps: Apps;
  /** The sends that one phone number may get. */
  readonly numberLimits: NumberLimits;
  readonly defaultLocale: string;
  /** Null without an SMS gateway. */
  readonly sms: SmsSettings | null;
  readonly guard: GuardSettings;
  /** What messages cost, in US dollars: the team's own prices, then WhatsApp's rate card. */
  readonly prices: MessagePrices;
  readonly compatibility: CompatibleSettings;
  readonly hooks: HookSecrets;
  readonly signIn: SignInSettings;
  /** The share of requests that get a log line; faults always do. */
  readonly loggedShare: number;
  readonly journalRetentionDays: number;
  /** The automatic answer to a user's first message in a conversation; null for none. */
  readonly firstReply: string | null;
  /** Whether a user who proves a number by a message is answered in WhatsApp. */
  readonly answersMessageFirst: boolean;
  /** True with a local WhatsApp simulator. Webhook endpoints may then be on loopback. */
  readonly isDevelopment: boolean;
}

/** A setting is missing or invalid. The message names each in a sentence for an operator. */
export class ConfigError extends Error {}

/** NIST SP 800-63B-4 section 3.1.3.2. A team may decide for fewer digits, which is logged. */
const RECOMMENDED_CODE_LENGTH = 6;

const secretKey = z
  .string("is missing: make one with `openssl rand -base64 32`")
  .min(32, "is too short: use at least 32 characters, such as from `openssl rand -base64 32`")
  .refine((text) => new Set(text).size >= 8, "repeats too few characters to be random");
const token = z.string("is missing").min(1, "is missing");
const metaId = z
  .string("is missing")
  .regex(/^\d{5,20}$/, "is missing or not an id of Meta, which has 5 to 20 digits");

/** The variables and secrets that belong to no part of their own. */
export const variables = z.object({
  SECRET_KEY: secretKey,
  SECRET_KEY_PREVIOUS: secretKey.optional(),
  ADMIN_KEY: secretKey.regex(/^\S+$/, "contains white space, which an HTTP header cannot transmit"),
  WHATSAPP_ACCESS_TOKEN: token,
  WHATSAPP_APP_SECRET: token,
  WHATSAPP_VERIFY_TOKEN: token,
  WHATSAPP_BASE_URL: secureUrl("is not a URL"),
  WHATSAPP_API_VERSION: z.string("is missing").regex(/^v\d+\.\d+$/, "is not a version such as v26.0"),
  WHATSAPP_PHONE_NUMBER_ID: metaId,
  WHATSAPP_BUSINESS_ACCOUNT_ID: metaId,
  WHATSAPP_SENDERS: z.array(senderSchema).min(1).optional(),
  DEFAULT_LOCALE: z.string("is missing").refine(isLocale, "is not a BCP 47 language tag such as en-US"),
  NUMBER_LIMITS: numberLimitsSchema.prefault({}),
  PURPOSES: z
    .record(
      z.string().regex(/^[a-z][a-z0-9_]{0,31}$/, "is not a name such as login or sign_up"),
      policySchema,
    )
    .refine((policies) => "login" in policies, "has no purpose login, which is the default"),
  CONVERSATION: z
    .strictObject({
      first_reply: z.string().min(1).max(LONGEST_TEXT).optional(),
      answer_message_first: z.boolean().default(true),
    })
    .optional(),
  LOGS: z.strictObject({ requests: z.number().min(0).max(1).default(1) }).prefault({}),
  PRICES: priceTable.optional(),
  JOURNAL_RETENTION_DAYS: z.coerce.number("is not a number of days").int().min(1).max(3650).default(90),
});

const environment = variables
  .and(appSettings)
  .and(smsSettings)
  .and(guardSettings)
  .and(compatibleSettings)
  .and(hookSettings)
  .and(signInSettings)
  .and(placementSettings);

/** Marks the public values of `.dev.vars.example`, in plain text or base64; only a simulator may be used with them. */
const EXAMPLE_MARKS = ["local-development-only", "bG9jYWwtZGV2ZWxvcG1lbnQtb25seS"];

/** Validates the environment. Throws a {@link ConfigError} that names every invalid setting at once. */
export function readConfig(env: unknown): Config {
  const parsed = environment.safeParse(env);
  if (!parsed.success) {
    throw new ConfigError(
      parsed.error.issues.map((issue) => `${issue.path.join(".")} ${sentenceOf(issue)}.`).join(" "),
    );
  }
  const vars = parsed.data;
  rejectExampleSecrets(env, vars.WHATSAPP_BASE_URL);
  rejectDevelopmentTurnstile(vars.signIn, vars.WHATSAPP_BASE_URL);
  warnAboutShortCodes(vars.PURPOSES);
  const policies = new Map(Object.entries(vars.PURPOSES));
  rejectUnknownPurposes(vars.compatibility, policies);
  const prices = pricesWith(ownPrices(vars));
  return {
    keyring: new Keyring(vars.SECRET_KEY, vars.SECRET_KEY_PREVIOUS),
    adminKey: vars.ADMIN_KEY,
    whatsapp: {
      baseUrl: vars.WHATSAPP_BASE_URL.replace(/\/+$/, ""),
      apiVersion: vars.WHATSAPP_API_VERSION,
      accessToken: vars.WHATSAPP_ACCESS_TOKEN,
      businessAccountId: vars.WHATSAPP_BUSINESS_ACCOUNT_ID,
      appSecret: vars.WHATSAPP_APP_SECRET,
      verifyToken: vars.WHATSAPP_VERIFY_TOKEN,
    },
    senders: vars.WHATSAPP_SENDERS ?? [
      senderSchema.parse({ phone_number_id: vars.WHATSAPP_PHONE_NUMBER_ID }),
    ],
    numberLimits: vars.NUMBER_LIMITS,
    policies,
    apps: vars.apps,
    defaultLocale: vars.DEFAULT_LOCALE,
    sms: vars.sms,
    guard: { ...vars.guard, caps: { ...vars.guard.caps, prices } },
    prices,
    compatibility: vars.compatibility,
    hooks: vars.hooks,
    signIn: vars.signIn,
    loggedShare: vars.LOGS.requests,
    journalRetentionDays: vars.JOURNAL_RETENTION_DAYS,
    firstReply: vars.CONVERSATION?.first_reply ?? null,
    answersMessageFirst: vars.CONVERSATION?.answer_message_first ?? true,
    isDevelopment: isLoopbackUrl(vars.WHATSAPP_BASE_URL),
  };
}

/** Of a name that is invalid, what its own rule says of it. */
function sentenceOf(issue: z.core.$ZodIssue): string {
  return (issue.code === "invalid_key" ? issue.issues[0] : issue)?.message ?? issue.message;
}

function rejectExampleSecrets(env: unknown, baseUrl: string): void {
  if (isLoopbackUrl(baseUrl)) return;
  const example = Object.entries(env ?? {}).filter(
    ([, value]) => typeof value === "string" && EXAMPLE_MARKS.some((mark) => value.includes(mark)),
  );
  if (example.length === 0) return;
  const names = example.map(([name]) => name).join(", ");
  throw new ConfigError(
    `${names}: the value from .dev.vars.example is public and must not be used with a real WhatsApp account.`,
  );
}

function rejectDevelopmentTurnstile({ turnstile }: SignInSettings, baseUrl: string): void {
  const setting = isLoopbackUrl(baseUrl) ? null : developmentSetting(turnstile);
  if (setting !== null)
    throw new ConfigError(`${setting}, and must not be used with a real WhatsApp account.`);
}

function rejectUnknownPurposes(settings: CompatibleSettings, policies: ReadonlyMap<string, unknown>): void {
  const unknown = unknownPurposes(settings, policies);
  if (unknown.length === 0) return;
  throw new ConfigError(
    unknown.map(({ path, purpose }) => `${path.join(".")} names no purpose: ${purpose}.`).join(" "),
  );
}

/** The team's prices: `PRICES`, or the guard's table of earlier versions. */
function ownPrices({
  PRICES,
  guard,
}: {
  PRICES?: MessagePrices | undefined;
  guard: GuardSettings;
}): MessagePrices {
  const former = guard.caps.prices;
  if (Object.keys(former).length > 0) {
    log("warn", "GUARD.caps.prices has moved to PRICES, which also prices the statistics", {});
  }
  return PRICES ?? former;
}

function warnAboutShortCodes(policies: Readonly<Record<string, Policy>>): void {
  for (const [purpose, { codeLength }] of Object.entries(policies)) {
    if (codeLength >= RECOMMENDED_CODE_LENGTH) continue;
    log(
      "warn",
      `Codes for ${purpose} are shorter than the ${RECOMMENDED_CODE_LENGTH} digits that NIST requires`,
      {},
    );
  }
}
