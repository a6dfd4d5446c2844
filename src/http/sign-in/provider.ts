import type { OAuthClient } from "../../keys/oauth-client.ts";
import type { E164 } from "../../numbering/e164.ts";

/** A relying party, as it is registered. */
export type Client = Pick<
  OAuthClient,
  | "id"
  | "app"
  | "clientName"
  | "redirectUris"
  | "applicationType"
  | "tokenEndpointAuthMethod"
  | "idTokenSignedResponseAlg"
  | "scope"
  | "requirePkce"
  | "requirePushedAuthorizationRequests"
  | "authorizationDetailsTypes"
  | "purpose"
  | "claimAliases"
  | "placeholders"
  | "policyUri"
  | "tosUri"
  | "sector"
>;

/** The register of clients. */
export interface Clients {
  get(id: string): Promise<Client | null>;
  authenticate(id: string, secret: string): Promise<boolean>;
}

/** Signs tokens and names users, under keys that outlive `SECRET_KEY`. */
export interface TokenIssuer {
  /** Has the keys at hand, so that a token can be signed after what must not fail. */
  ready(): Promise<void>;
  sign(claims: object, options: { readonly typ: string; readonly alg: "RS256" | "ES256" }): Promise<string>;
  /** Reads a token of this issuer, of any age; null for every other text. */
  verify(token: string): Promise<Readonly<Record<string, unknown>> | null>;
  /** The subject that stands for a number. */
  subjectOf(to: E164, sector: string | null): Promise<string>;
}
