import { Buffer } from "node:buffer";
import * as z from "zod";
import type { VonageApplication } from "./settings.ts";

/** How far the clock of a token's maker may be ahead. */
const CLOCK_SKEW_SECONDS = 60;
/** From `iat` to `exp`. */
const LONGEST_LIFETIME_SECONDS = 24 * 3600;

const TOKEN = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/;

/** RFC 7515 section 4.1.11: an extension that is marked as critical and not understood makes a token invalid. */
const headerSchema = z.object({ alg: z.literal("RS256"), crit: z.undefined().optional() });

const claimsSchema = z.object({
  application_id: z.string(),
  iat: z.number(),
  exp: z.number(),
  nbf: z.number().optional(),
  acl: z.object({ paths: z.record(z.string(), z.unknown()) }).optional(),
});
type Claims = z.output<typeof claimsSchema>;

const ALGORITHM = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };

/** Verifies the tokens that applications of Vonage sign with their private keys: JSON Web Tokens (RFC 7519) by RS256. */
export class ApplicationTokens {
  readonly #applications: ReadonlyMap<string, VonageApplication>;
  /** Imported when a token first needs them. Not their promises: the runtime cancels those with the request they belong to. */
  readonly #imported = new Map<Uint8Array, CryptoKey>();

  constructor(applications: ReadonlyMap<string, VonageApplication>) {
    this.#applications = applications;
  }

  /**
   * The id of the application that has signed a token; null for a token that is not valid.
   *
   * @param now Milliseconds since the epoch.
   */
  async verify(token: string, now: number): Promise<string | null> {
    const [, head = "", payload = "", signature = ""] = TOKEN.exec(token) ?? [];
    if (!headerSchema.safeParse(decodeJson(head)).success) return null;
    const { data: claims } = claimsSchema.safeParse(decodeJson(payload));
    if (claims === undefined || !isTimely(claims, now / 1000) || !mayVerify(claims)) return null;
    const application = this.#applications.get(claims.application_id);
    if (application === undefined) return null;
    const signed = Buffer.from(`${head}.${payload}`);
    const given = Buffer.from(signature, "base64url");
    for (const publicKey of application.publicKeys) {
      const key = await this.#import(publicKey);
      if (await crypto.subtle.verify(ALGORITHM, key, given, signed)) return claims.application_id;
    }
    return null;
  }

  async #import(publicKey: Uint8Array): Promise<CryptoKey> {
    const known = this.#imported.get(publicKey);
    if (known !== undefined) return known;
    const key = await crypto.subtle.importKey("spki", publicKey, ALGORITHM, false, ["verify"]);
    this.#imported.set(publicKey, key);
    return key;
  }
}

function decodeJson(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, "base64url").toString());
  } catch {
    return null;
  }
}

/** @param now Seconds since the epoch, as all times of a token. */
function isTimely({ iat, exp, nbf = iat }: Claims, now: number): boolean {
  const latest = now + CLOCK_SKEW_SECONDS;
  return exp > now && exp - iat <= LONGEST_LIFETIME_SECONDS && iat <= latest && nbf <= latest;
}

/** A token for an application's end users names the paths that they may call, which are those of other products. */
function mayVerify({ acl }: Claims): boolean {
  return acl === undefined || Object.keys(acl.paths).some((path) => GRANTS_VERIFY.test(path));
}

const GRANTS_VERIFY = /^\/(\*\*|(\*|v2)\/verify(\/.*)?)$/;
