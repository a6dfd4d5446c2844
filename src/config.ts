import * as z from "zod";
import { type SmsSettings, smsSettings } from "./channels/sms/settings.ts";
import type { WhatsAppSettings } from "./channels/whatsapp/client.ts";
import { LONGEST_TEXT } from "./channels/whatsapp/payload.ts";
import { type Sender, senderSchema } from "./channels/whatsapp/senders.ts";
import { type GuardSettings, guardSettings } from "./guard/settings.ts";
import { isLocale } from "./numbering/locale.ts";
import { type Policy, policySchema } from "./phone-number/policy.ts";
import { Keyring } from "./platform/keyring.ts";
import { log } from "./platform/log.ts";

/** What the Worker runs by: every value of the environment that is not a binding, checked. */
export interface Config {
  readonly keyring: Keyring;
  readonly adminKey: string;
  readonly whatsapp: WhatsAppSettings & {
    readonly businessAccountId: string;
    readonly appSecret: string;
    readonly verifyToken: string;
  };
  /** Never empty. */
  readonly senders: readonly Sender[];
  readonly policies: ReadonlyMap<string, Policy>;
  readonly defaultLocale: string;
  /** Null without an SMS gateway. */
  readonly sms: SmsSettings | null;
  readonly guard: GuardSettings;
  readonly journalRetentionDays: number;
  /** The automatic answer to whoever begins a conversation; null for none. */
  readonly firstReply: string | null;
  /** Whether this is somebody's own machine, where addresses that are private elsewhere are the only ones. */
  readonly isDevelopment: boolean;
}

/** The deployment lacks a value or has a weak one. The message names each, in sentences for an operator. */
export class ConfigError extends Error {}

/** NIST SP 800-63B-4 section 3.1.3.2 asks for this many digits; fewer are a team's own risk. */
const RECOMMENDED_CODE_LENGTH = 6;

const secretKey = z
  .string("is missing: make one with `openssl rand -base64 32`")
  .min(32, "is too short: it needs at least 32 characters, as `openssl rand -base64 32` makes them")
  .refine((text) => new Set(text).size >= 8, "repeats too few characters to be random");
const token = z.string("is missing").min(1, "is missing");
const metaId = z
  .string("is missing")
  .regex(/^\d{5,20}$/, "is missing or not a number as Meta writes its ids");

const environment = z
  .object({
    SECRET_KEY: secretKey,
    SECRET_KEY_PREVIOUS: secretKey.optional(),
    ADMIN_KEY: secretKey.regex(/^\S+$/, "has white space, which no header can carry"),
    WHATSAPP_ACCESS_TOKEN: token,
    WHATSAPP_APP_SECRET: token,
    WHATSAPP_VERIFY_TOKEN: token,
    WHATSAPP_BASE_URL: z
      .url({ protocol: /^https?$/, error: "is not a URL" })
      .refine(
        (url) => url.startsWith("https:") || isLoopback(url),
        "would carry the access token in clear: use https",
      ),
    WHATSAPP_API_VERSION: z.string("is missing").regex(/^v\d+\.\d+$/, "is not a version such as v26.0"),
    WHATSAPP_PHONE_NUMBER_ID: metaId,
    WHATSAPP_BUSINESS_ACCOUNT_ID: metaId,
    WHATSAPP_SENDERS: z.array(senderSchema).min(1).optional(),
    DEFAULT_LOCALE: z.string("is missing").refine(isLocale, "is not a BCP 47 tag such as en-US"),
    PURPOSES: z
      .record(z.string().regex(/^[a-z][a-z0-9_]{0,31}$/, "is not a purpose's name"), policySchema)
      .refine((policies) => "login" in policies, "has no login, which is the default purpose"),
    CONVERSATION: z.strictObject({ first_reply: z.string().min(1).max(LONGEST_TEXT).optional() }).optional(),
    JOURNAL_RETENTION_DAYS: z.coerce.number("is not a number of days").int().min(1).max(3650).default(90),
  })
  .and(smsSettings)
  .and(guardSettings);

/** Values of `.dev.vars.example` carry this mark, in clear or in base64; they are public and good for a simulator only. */
const EXAMPLE_MARKS = ["local-development-only", "bG9jYWwtZGV2ZWxvcG1lbnQtb25seS"];

/** Checks the environment, all of it at once. Throws a {@link ConfigError} that names every fault. */
export function readConfig(env: unknown): Config {
  const parsed = environment.safeParse(env);
  if (!parsed.success) {
    throw new ConfigError(
      parsed.error.issues.map(({ path, message }) => `${path.join(".")} ${message}.`).join(" "),
    );
  }
  const vars = parsed.data;
  refuseExampleSecrets(env, vars.WHATSAPP_BASE_URL);
  warnOfShortCodes(vars.PURPOSES);
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
    policies: new Map(Object.entries(vars.PURPOSES)),
    defaultLocale: vars.DEFAULT_LOCALE,
    sms: vars.sms,
    guard: vars.guard,
    journalRetentionDays: vars.JOURNAL_RETENTION_DAYS,
    firstReply: vars.CONVERSATION?.first_reply ?? null,
    isDevelopment: isLoopback(vars.WHATSAPP_BASE_URL),
  };
}

function refuseExampleSecrets(env: unknown, baseUrl: string): void {
  if (isLoopback(baseUrl)) return;
  const example = Object.entries(env ?? {}).filter(
    ([, value]) => typeof value === "string" && EXAMPLE_MARKS.some((mark) => value.includes(mark)),
  );
  if (example.length === 0) return;
  const names = example.map(([name]) => name).join(", ");
  throw new ConfigError(
    `${names}: the example's value is public and does not go with a real WhatsApp account.`,
  );
}

function isLoopback(url: string): boolean {
  return ["localhost", "127.0.0.1", "[::1]"].includes(URL.parse(url)?.hostname ?? "");
}

function warnOfShortCodes(policies: Readonly<Record<string, Policy>>): void {
  for (const [purpose, { codeLength }] of Object.entries(policies)) {
    if (codeLength >= RECOMMENDED_CODE_LENGTH) continue;
    log(
      "warn",
      `Codes for ${purpose} are shorter than the ${RECOMMENDED_CODE_LENGTH} digits that NIST asks for`,
      {},
    );
  }
}
