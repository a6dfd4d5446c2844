import * as z from "zod";
import type { WhatsAppSettings } from "./channels/whatsapp/client.ts";
import { Keyring } from "./keyring.ts";
import { log } from "./log.ts";
import { isLocale } from "./templates/language.ts";
import { type Policy, policySchema } from "./verification/policy.ts";

/** What the Worker runs by: every value of the environment that is not a binding, checked. */
export interface Config {
  readonly keyring: Keyring;
  readonly adminKey: string;
  readonly whatsapp: WhatsAppSettings & { readonly appSecret: string; readonly verifyToken: string };
  readonly policies: ReadonlyMap<string, Policy>;
  readonly defaultLocale: string;
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

const environment = z.object({
  SECRET_KEY: secretKey,
  SECRET_KEY_PREVIOUS: secretKey.optional(),
  ADMIN_KEY: secretKey,
  WHATSAPP_ACCESS_TOKEN: token,
  WHATSAPP_APP_SECRET: token,
  WHATSAPP_VERIFY_TOKEN: token,
  WHATSAPP_BASE_URL: z.url({ protocol: /^https?$/, error: "is not a URL" }),
  WHATSAPP_API_VERSION: z.string("is missing").regex(/^v\d+\.\d+$/, "is not a version such as v26.0"),
  WHATSAPP_PHONE_NUMBER_ID: metaId,
  WHATSAPP_BUSINESS_ACCOUNT_ID: metaId,
  DEFAULT_LOCALE: z.string("is missing").refine(isLocale, "is not a BCP 47 tag such as en-US"),
  PURPOSES: z.record(z.string().regex(/^[a-z][a-z0-9_]{0,31}$/, "is not a purpose's name"), policySchema),
});

/** Values of `.dev.vars.example` carry this mark; they are public and good for a simulator only. */
const EXAMPLE_MARK = "local-development-only";

/** Checks the environment, all of it at once. Throws a {@link ConfigError} that names every fault. */
export function readConfig(env: unknown): Config {
  const parsed = environment.safeParse(env);
  if (!parsed.success) {
    throw new ConfigError(
      parsed.error.issues.map(({ path, message }) => `${path.join(".")} ${message}.`).join(" "),
    );
  }
  const vars = parsed.data;
  refuseExampleSecrets(vars);
  warnOfShortCodes(vars.PURPOSES);
  return {
    keyring: new Keyring(vars.SECRET_KEY, vars.SECRET_KEY_PREVIOUS),
    adminKey: vars.ADMIN_KEY,
    whatsapp: {
      baseUrl: vars.WHATSAPP_BASE_URL.replace(/\/+$/, ""),
      apiVersion: vars.WHATSAPP_API_VERSION,
      phoneNumberId: vars.WHATSAPP_PHONE_NUMBER_ID,
      accessToken: vars.WHATSAPP_ACCESS_TOKEN,
      appSecret: vars.WHATSAPP_APP_SECRET,
      verifyToken: vars.WHATSAPP_VERIFY_TOKEN,
    },
    policies: new Map(Object.entries(vars.PURPOSES)),
    defaultLocale: vars.DEFAULT_LOCALE,
  };
}

function refuseExampleSecrets(vars: z.output<typeof environment>): void {
  if (["localhost", "127.0.0.1", "[::1]"].includes(new URL(vars.WHATSAPP_BASE_URL).hostname)) return;
  const example = Object.entries(vars).filter(
    ([, value]) => typeof value === "string" && value.includes(EXAMPLE_MARK),
  );
  if (example.length === 0) return;
  const names = example.map(([name]) => name).join(", ");
  throw new ConfigError(
    `${names}: the example's value is public and does not go with a real WhatsApp account.`,
  );
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
