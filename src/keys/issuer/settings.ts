import * as z from "zod";
import { readJson } from "../../platform/json.ts";
import { httpsAddress, isLoopbackHost, secureUrl } from "../../platform/secure-url.ts";
import { TURNSTILE_KEY, type TurnstileSettings } from "./turnstile-settings.ts";

/** Where tokens come from and what the page says of it, as a team writes it in `[vars.SIGN_IN]` of wrangler.toml. */
const table = z.strictObject({
  issuer: secureUrl("is not a URL")
    .refine(
      (text) => URL.parse(text)?.origin === text,
      "is not an origin such as https://login.example.com, without a path and without a slash at its end",
    )
    .nullable()
    .default(null),
  /** Of the service, on pages of an app without a brand. */
  name: z.string().min(1, "is empty").max(60, "is longer than 60 characters").nullable().default(null),
  support_url: httpsAddress.nullable().default(null),
  privacy_url: httpsAddress.nullable().default(null),
  turnstile_site_key: z
    .string()
    .regex(TURNSTILE_KEY, "is not a site key of Turnstile")
    .nullable()
    .default(null),
});

/** The part of the environment about sign-in, for `.and(signInSettings)`. */
export const signInSettings = z
  .object({
    // In `.dev.vars` and after `--var`, which hold only strings, the same as JSON.
    SIGN_IN: z
      .preprocess((value) => (typeof value === "string" ? readJson(value) : value), table)
      .prefault({}),
    TURNSTILE_SECRET_KEY: z
      .string()
      .refine((text) => text === "" || TURNSTILE_KEY.test(text), "is not a secret key of Turnstile")
      .default(""),
    TURNSTILE_BASE_URL: z
      .string()
      .refine(
        (text) => text === "" || isLoopbackHost(URL.parse(text)?.hostname ?? ""),
        "is not an address of this machine, where alone a simulator may be",
      )
      .default(""),
  })
  .transform(({ SIGN_IN, TURNSTILE_SECRET_KEY: secretKey, TURNSTILE_BASE_URL: simulatorUrl }, context) => {
    const { issuer, name, support_url: supportUrl, privacy_url: privacyUrl } = SIGN_IN;
    const siteKey = SIGN_IN.turnstile_site_key;
    if ((siteKey === null) !== (secretKey === "")) {
      const path = siteKey === null ? ["SIGN_IN", "turnstile_site_key"] : ["TURNSTILE_SECRET_KEY"];
      const message = "is missing: Turnstile needs both its keys";
      context.issues.push({ code: "custom", input: SIGN_IN, path, message });
      return z.NEVER;
    }
    const turnstile: TurnstileSettings | null =
      siteKey === null ? null : { siteKey, secretKey, simulatorUrl: simulatorUrl || null };
    return { signIn: { issuer, name, supportUrl, privacyUrl, turnstile } };
  });

export type SignInSettings = z.output<typeof signInSettings>["signIn"];

/** The parts of the configuration that say who the issuer is. */
export interface IssuerConfig {
  readonly signIn: SignInSettings;
  readonly isDevelopment: boolean;
}

/** Whether a deployment can have an issuer at all; in development, each request brings its own. */
export function hasIssuer({ signIn, isDevelopment }: IssuerConfig): boolean {
  return signIn.issuer !== null || isDevelopment;
}

/**
 * The issuer in what a request to this address gets signed: the configured one. In development it may be left out, and
 * is then the request's own origin where that is on a loopback. Null where there is none.
 */
export function issuerFor(url: string, { signIn, isDevelopment }: IssuerConfig): string | null {
  if (signIn.issuer !== null) return signIn.issuer;
  const { origin, hostname } = new URL(url);
  return isDevelopment && isLoopbackHost(hostname) ? origin : null;
}

/** The issuer whose routes a request to this address may use: {@link issuerFor}, and null on every other origin. */
export function issuerAt(url: string, config: IssuerConfig): string | null {
  const issuer = issuerFor(url, config);
  return issuer === new URL(url).origin ? issuer : null;
}
