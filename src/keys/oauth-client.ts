import * as z from "zod";
import { type AppName, storedAppName } from "../ids/app-name.ts";
import type { Fault } from "../platform/problem.ts";
import { ALGORITHMS } from "./issuer/signing-keys.ts";
import { sectorOf } from "./redirect-uri.ts";

export const APPLICATION_TYPES = ["web", "native"] as const;
export const AUTH_METHODS = ["client_secret_basic", "client_secret_post", "none"] as const;
export const CLIENT_SCOPES = ["openid", "phone", "profile", "email"] as const;
export const SUBJECT_TYPES = ["public", "pairwise"] as const;
export const DETAILS_TYPES = ["payment"] as const;

/** What the registration of a client says and a later change can replace, by the names of RFC 7591 and RFC 9396. */
export const registration = z.object({
  clientName: z.string(),
  redirectUris: z.array(z.string()),
  applicationType: z.enum(APPLICATION_TYPES),
  tokenEndpointAuthMethod: z.enum(AUTH_METHODS),
  idTokenSignedResponseAlg: z.enum(ALGORITHMS),
  scope: z.array(z.enum(CLIENT_SCOPES)),
  requirePkce: z.boolean(),
  requirePushedAuthorizationRequests: z.boolean(),
  authorizationDetailsTypes: z.array(z.enum(DETAILS_TYPES)),
  /** Names the policy of its verifications. */
  purpose: z.string(),
  /** Whether tokens also name the number as some platforms read it: `phone`, `phone_verified`. */
  claimAliases: z.boolean(),
  /** For platforms that need an email and a name of every user. */
  placeholders: z.object({ emailDomain: z.string() }).nullable(),
  logoUri: z.string().nullable(),
  policyUri: z.string().nullable(),
  tosUri: z.string().nullable(),
});

export type Registration = z.output<typeof registration>;

/** A client, as it is stored without its secrets. */
export const storedClient = registration.extend({
  app: z.string().transform(storedAppName),
  subjectType: z.enum(SUBJECT_TYPES),
  /** What its subjects are drawn for, frozen at registration; null for the subjects that clients share. */
  sector: z.string().nullable(),
  createdAt: z.number(),
});

/** An app or service whose users sign in here. */
export type OAuthClient = z.output<typeof storedClient> & {
  readonly id: string;
  /** When the secret before the last rotation ends; null where there is none. */
  readonly previousSecretExpiresAt: number | null;
};

/** What is said once, at registration. */
export interface NewClient extends Registration {
  readonly app: AppName;
  readonly subjectType: OAuthClient["subjectType"];
}

/** Whether a client can keep a secret. */
export function isConfidential(client: Pick<Registration, "tokenEndpointAuthMethod">): boolean {
  return client.tokenEndpointAuthMethod !== "none";
}

/** What is wrong with a registration in itself; null where it is good. */
export function faultOfRegistration(
  client: Pick<Registration, "requirePkce" | "tokenEndpointAuthMethod">,
): Fault | null {
  if (client.requirePkce || isConfidential(client)) return null;
  return { pointer: "/require_pkce", detail: "A client without a secret has to use PKCE." };
}

/** What is wrong with a new client; null where it is good. */
export function faultOfNewClient(client: NewClient): Fault | null {
  const hosts = new Set(client.redirectUris.map(sectorOf));
  if (client.subjectType === "pairwise" && hosts.size > 1) {
    return { pointer: "/redirect_uris", detail: "With pairwise subjects they have one host." };
  }
  return faultOfRegistration(client);
}

/** What is wrong with a change; null where it is good. */
export function faultOfChange(before: OAuthClient, after: OAuthClient): Fault | null {
  if (isConfidential(before) === isConfidential(after)) return faultOfRegistration(after);
  return {
    pointer: "/token_endpoint_auth_method",
    detail: "A client keeps its secret, or stays without one: register another client.",
  };
}

/** The sector of a new client's subjects. */
export function sectorOfNewClient({ subjectType, redirectUris }: NewClient): string | null {
  const [first] = redirectUris;
  return subjectType === "public" || first === undefined ? null : sectorOf(first);
}
