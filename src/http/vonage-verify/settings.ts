import { createPublicKey, type KeyObject } from "node:crypto";
import * as z from "zod";
import type { NamedPurpose } from "../named-purpose.ts";

/** RFC 7518 section 3.3: RS256 needs a key of this size or larger. */
const LEAST_KEY_BITS = 2048;

/** `createPublicKey` would also read a private key, which must not lie in a setting. */
const PEM = /^\s*-----BEGIN PUBLIC KEY-----[\sA-Za-z0-9+/=]+-----END PUBLIC KEY-----\s*$/;

/** The public half of an application's key pair, as Vonage's dashboard shows it. Its value is the key's SPKI in DER. */
const publicKey = z
  .string("is missing: give the application's public key in PEM")
  .transform((pem, context) => {
    const key = parsePem(pem);
    const fault = faultOf(key);
    if (key !== null && fault === null) return new Uint8Array(key.export({ type: "spki", format: "der" }));
    context.issues.push({ code: "custom", input: pem, message: fault ?? "" });
    return z.NEVER;
  });

function parsePem(pem: string): KeyObject | null {
  if (!PEM.test(pem)) return null;
  try {
    return createPublicKey(pem);
  } catch {
    return null;
  }
}

/** The end of a sentence that begins with the setting's name; null for a key that can be used. */
function faultOf(key: KeyObject | null): string | null {
  if (key === null) return "is not a public key in PEM, which begins with -----BEGIN PUBLIC KEY-----";
  if (key.asymmetricKeyType !== "rsa") return "is not an RSA key, which RS256 needs";
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  return bits < LEAST_KEY_BITS ? `has ${bits} bits; RS256 needs at least ${LEAST_KEY_BITS}` : null;
}

const applicationSchema = z
  .strictObject({
    purpose: z.string().default("login"),
    /** More than one while a key is replaced by another. */
    public_key: z.preprocess(
      (value) => (Array.isArray(value) ? value : [value]),
      z.array(publicKey).min(1, "has no key").max(5, "has more than 5 keys"),
    ),
  })
  .transform(({ purpose, public_key: publicKeys }) => ({ purpose, publicKeys }));

/** An application of Vonage's dashboard whose tokens this deployment accepts. */
export type VonageApplication = z.output<typeof applicationSchema>;

/** `[vars.COMPATIBILITY.vonage]` of wrangler.toml. */
export const vonageSettings = z
  .strictObject({
    applications: z
      .record(
        z
          .string()
          .regex(
            /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
            "is not an application's id, which is a UUID in lower case",
          ),
        applicationSchema,
      )
      .default({}),
  })
  .transform(({ applications }) => ({ applications: new Map(Object.entries(applications)) }));

export type VonageSettings = z.output<typeof vonageSettings>;

/** The purposes that the settings name, by where they do. */
export function purposesOfVonage({ applications }: VonageSettings): NamedPurpose[] {
  return [...applications].map(([id, { purpose }]) => ({
    path: ["COMPATIBILITY", "vonage", "applications", id, "purpose"],
    purpose,
  }));
}
