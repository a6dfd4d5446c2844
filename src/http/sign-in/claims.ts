import { maskNumber } from "../../numbering/e164.ts";
import type { Approved } from "../../phone-number/decisions/redeem.ts";
import { ACR, amrOf, toAuthorizationDetail } from "../../verification/proof.ts";
import type { AuthorizationCode } from "./authorization-code.ts";
import type { Client } from "./provider.ts";

const ID_TOKEN_SECONDS = 300;

/** What tokens and userinfo tell of a sign-in. */
export interface SignedIn {
  readonly client: Client;
  readonly verification: Approved;
  readonly sub: string;
  /** Separated by spaces. */
  readonly scope: string;
}

/** The claims about the user: those of userinfo, and also in the ID token, since many clients read only that. */
export function userClaims({
  client,
  verification: { to },
  sub,
  scope,
}: SignedIn): Readonly<Record<string, unknown>> {
  const claims: Record<string, unknown> = { sub };
  if (scope.split(" ").includes("phone")) {
    claims.phone_number = to;
    claims.phone_number_verified = true;
    if (client.claimAliases) {
      claims.phone = to;
      claims.phone_verified = true;
    }
  }
  const { placeholders } = client;
  if (placeholders !== null) {
    claims.email = `${sub}@${placeholders.emailDomain}`;
    claims.email_verified = false;
    claims.name = maskNumber(to);
  }
  return claims;
}

/** The claims of an ID token (OpenID Connect Core, section 2). */
export function idTokenClaims(
  signedIn: SignedIn,
  { nonce }: Pick<AuthorizationCode, "nonce">,
  issuer: string,
  now: number,
): Readonly<Record<string, unknown>> {
  const { client, verification } = signedIn;
  const { closedAt, identityChanged } = verification;
  const issuedAt = toSeconds(now);
  const details = authorizationDetails(verification);
  return {
    iss: issuer,
    aud: client.id,
    iat: issuedAt,
    exp: issuedAt + ID_TOKEN_SECONDS,
    jti: crypto.randomUUID(),
    nonce: nonce ?? undefined,
    auth_time: toSeconds(closedAt ?? now),
    amr: amrOf(verification),
    acr: ACR,
    identity_changed: identityChanged || undefined,
    authorization_details: details ?? undefined,
    ...userClaims(signedIn),
  };
}

/** What the code confirmed, as RFC 9396 spells it; null for a sign-in alone. */
export function authorizationDetails({ bind }: Approved): readonly object[] | null {
  return bind === null ? null : [toAuthorizationDetail(bind)];
}

function toSeconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}
