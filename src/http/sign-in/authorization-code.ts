import { createHash } from "node:crypto";
import type { VerificationId } from "../../ids/verification-id.ts";
import type { AuthorizeRequest } from "./authorize-request.ts";

/** What an authorization code carries, sealed: whose approval it exchanges, and what the exchange is bound to. */
export interface AuthorizationCode {
  readonly id: VerificationId;
  readonly clientId: string;
  /** SHA-256 in base64url. */
  readonly redirectUriDigest: string;
  readonly codeChallenge: string | null;
  readonly nonce: string | null;
  readonly scope: string;
}

/** What an access token carries, sealed. */
export interface AccessToken extends Pick<AuthorizationCode, "id" | "clientId" | "scope"> {}

/** The code for a request whose verification was approved. */
export function codeFor(request: AuthorizeRequest, id: VerificationId): AuthorizationCode {
  const { clientId, redirectUri, codeChallenge, nonce, scope } = request;
  return { id, clientId, redirectUriDigest: digestOf(redirectUri), codeChallenge, nonce, scope };
}

const VERIFIER = /^[A-Za-z0-9._~-]{43,128}$/;

/** Whether a verifier is the one behind the challenge; where there was no challenge, there may be no verifier (RFC 9700 2.1.1). */
export function isVerifierOf(challenge: string | null, verifier: string | null): boolean {
  if (challenge === null || verifier === null) return challenge === verifier;
  return VERIFIER.test(verifier) && digestOf(verifier) === challenge;
}

/** Whether it is the redirect URI that the code was sent to. With PKCE it may be left out, as OAuth 2.1 has it. */
export function isSameRedirectUri(
  { redirectUriDigest, codeChallenge }: AuthorizationCode,
  redirectUri: string | null,
): boolean {
  return redirectUri === null ? codeChallenge !== null : digestOf(redirectUri) === redirectUriDigest;
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}
