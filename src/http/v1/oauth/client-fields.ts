import * as z from "zod";
import { ALGORITHMS } from "../../../keys/issuer/signing-keys.ts";
import {
  APPLICATION_TYPES,
  AUTH_METHODS,
  CLIENT_SCOPES,
  DETAILS_TYPES,
  type Registration,
} from "../../../keys/oauth-client.ts";
import { faultOfRedirectUri } from "../../../keys/redirect-uri.ts";
import type { Policy } from "../../../phone-number/policy.ts";
import { described } from "../../../platform/documented.ts";
import { purpose } from "../fields.ts";

const MOST_REDIRECT_URIS = 20;

/** Line breaks and other controls, and what turns the direction of the text around a name. */
const UNSHOWABLE = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u;

const redirectUri = z.string().transform((text, context) => {
  const fault = faultOfRedirectUri(text);
  if (fault === null) return text;
  context.issues.push({ code: "custom", input: text, message: fault });
  return z.NEVER;
});

const redirectUris = z
  .array(redirectUri)
  .min(1)
  .max(MOST_REDIRECT_URIS)
  .refine((uris) => new Set(uris).size === uris.length, "Give each address once.")
  .meta(
    described({
      description:
        "Where users return to: https, http on this machine, or a private-use scheme with a dot. A request has to name " +
        "one of them character by character.",
      examples: [["https://shop.example.com/callback"]],
    }),
  );

const clientName = z
  .string()
  .max(60)
  .regex(/\S/, "It is empty.")
  .refine((name) => !UNSHOWABLE.test(name), "It has a control character.")
  .meta(described({ description: "Who users sign in to.", examples: ["Example Shop"] }));

const scope = z
  .string()
  .max(200)
  .transform((text, context): Registration["scope"] => {
    const named = new Set(text.split(" ").filter((name) => name !== ""));
    const unknown = [...named].filter((name) => !CLIENT_SCOPES.some((known) => known === name));
    if (unknown.length === 0 && named.has("openid")) return CLIENT_SCOPES.filter((known) => named.has(known));
    const message = unknown.length === 0 ? "It lacks openid." : `The scopes are ${CLIENT_SCOPES.join(", ")}.`;
    context.issues.push({ code: "custom", input: text, message });
    return z.NEVER;
  })
  .meta(
    described({
      description: "What it may learn, separated by spaces: `openid`, `phone`, `profile`, `email`.",
      examples: ["openid phone"],
    }),
  );

const placeholders = z
  .strictObject({
    email_domain: z
      .string()
      .max(200)
      .regex(
        /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/,
        "Give a domain in lower case, such as users.example.com.",
      ),
  })
  .transform(({ email_domain: emailDomain }) => ({ emailDomain }));

const address = z.url({ protocol: /^https$/, error: "Give an https address." }).max(2048);

/** The fields that a registration names and a change may name, without their defaults. */
export function clientFields(policies: ReadonlyMap<string, Policy>) {
  return {
    client_name: clientName,
    redirect_uris: redirectUris,
    application_type: z.enum(APPLICATION_TYPES).meta(
      described({
        description:
          "A `native` app on this machine may be reached at any port of its loopback address (RFC 8252).",
      }),
    ),
    token_endpoint_auth_method: z.enum(AUTH_METHODS).meta(
      described({
        description: "`none` for an app that cannot keep a secret, such as one in a browser.",
      }),
    ),
    id_token_signed_response_alg: z.enum(ALGORITHMS),
    scope,
    require_pkce: z.boolean().meta(
      described({
        description: "False only for a client with a secret whose platform sends no code challenge.",
      }),
    ),
    require_pushed_authorization_requests: z.boolean().meta(described({ description: "RFC 9126." })),
    authorization_details_types: z
      .array(z.enum(DETAILS_TYPES))
      .max(DETAILS_TYPES.length)
      .meta(described({ description: "RFC 9396: what it may have confirmed besides the number." })),
    purpose: purpose(policies).unwrap(),
    claim_aliases: z.boolean().meta(
      described({
        description: "Adds `phone` and `phone_verified`, which Supabase and Logto read.",
      }),
    ),
    placeholders: placeholders.nullable().meta(
      described({
        description:
          "Gives users a placeholder email at this domain, never verified, and a name, for platforms that need them.",
        examples: [{ email_domain: "users.example.com" }],
      }),
    ),
    logo_uri: address.nullable(),
    policy_uri: address.nullable(),
    tos_uri: address.nullable(),
  };
}

/** The fields of a body by the names that they are stored under. */
export function toStoredNames(body: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => [
      name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]),
  );
}
