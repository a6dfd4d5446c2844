import * as oidc from "openid-client";
import type { RegisteredClient } from "./clients.ts";

/** A request on its way: what its answer has to fit, which only the browser that began it knows. */
export interface PendingRequest {
  readonly pkceCodeVerifier: string;
  readonly expectedState: string;
  readonly expectedNonce: string;
}

/** A request to send the browser to. */
export interface BegunRequest {
  readonly url: URL;
  readonly pending: PendingRequest;
}

/** Who signed in, or confirmed a payment: the claims of the ID token, and what userinfo says with its access token. */
export interface Identity {
  readonly claims: Readonly<Record<string, unknown>>;
  readonly userInfo: Readonly<Record<string, unknown>>;
}

/** Reads the provider's metadata. http is for the provider on this machine alone. */
export function connect(issuer: string, { id, secret }: RegisteredClient): Promise<oidc.Configuration> {
  return oidc.discovery(new URL(issuer), id, secret, undefined, { execute: [oidc.allowInsecureRequests] });
}

/** Begins a sign-in. */
export async function beginSignIn(
  provider: oidc.Configuration,
  redirectUri: string,
  more: Readonly<Record<string, string>>,
): Promise<BegunRequest> {
  const { parameters, pending } = await newRequest(redirectUri);
  return { url: oidc.buildAuthorizationUrl(provider, { ...parameters, ...more }), pending };
}

/** Begins the confirmation of a payment, whose details go to the provider directly and not through the browser. */
export async function beginPayment(
  provider: oidc.Configuration,
  redirectUri: string,
  payment: object,
  more: Readonly<Record<string, string>>,
): Promise<BegunRequest> {
  const { parameters, pending } = await newRequest(redirectUri);
  const authorization_details = JSON.stringify([payment]);
  const request = { ...parameters, ...more, authorization_details };
  return { url: await oidc.buildAuthorizationUrlWithPAR(provider, request), pending };
}

/** Exchanges the code of a callback, and asks who it was. */
export async function finish(
  provider: oidc.Configuration,
  callback: URL,
  pending: PendingRequest,
): Promise<Identity> {
  const tokens = await oidc.authorizationCodeGrant(provider, callback, { ...pending, idTokenExpected: true });
  const claims = tokens.claims();
  if (claims === undefined) throw new Error("The provider answered without an ID token");
  return { claims, userInfo: await oidc.fetchUserInfo(provider, tokens.access_token, claims.sub) };
}

async function newRequest(redirect_uri: string) {
  const pending: PendingRequest = {
    pkceCodeVerifier: oidc.randomPKCECodeVerifier(),
    expectedState: oidc.randomState(),
    expectedNonce: oidc.randomNonce(),
  };
  const parameters = {
    redirect_uri,
    scope: "openid phone",
    state: pending.expectedState,
    nonce: pending.expectedNonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(pending.pkceCodeVerifier),
    code_challenge_method: "S256",
  };
  return { parameters, pending };
}
