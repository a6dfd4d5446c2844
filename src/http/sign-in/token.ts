import type { Redemptions } from "../../verification/redemptions.ts";
import {
  type AccessToken,
  type AuthorizationCode,
  isSameRedirectUri,
  isVerifierOf,
} from "./authorization-code.ts";
import { authorizationDetails, idTokenClaims } from "./claims.ts";
import { readClientForm } from "./client-authentication.ts";
import { ANSWER_HEADERS, invalidRequest, type OAuthFault, oauthError } from "./oauth-error.ts";
import type { Clients, TokenIssuer } from "./provider.ts";
import { lifetimeSeconds, type SealedTexts } from "./sealed-texts.ts";

/** What the endpoints of programs need. */
export interface TokenDependencies {
  readonly clients: Clients;
  readonly issuer: TokenIssuer;
  readonly texts: SealedTexts;
  readonly redemptions: Redemptions;
}

/** The same for every reason: a thief of a code learns nothing about what protects it. */
const INVALID_GRANT: OAuthFault = {
  status: 400,
  error: "invalid_grant",
  description: "The code is not valid, or was used.",
};

/**
 * Exchanges an authorization code for tokens (RFC 6749 section 4.1.3). Everything that can be wrong with a request is checked
 * before the number's object is asked, so that a failed request uses nothing up.
 */
export async function exchangeCode(
  request: Request,
  issuer: string,
  deps: TokenDependencies,
): Promise<Response> {
  const read = await readClientForm(request, deps.clients);
  if (read.kind === "refused") return oauthError(read.fault);
  const { form, client } = read;

  const grant = form.get("grant_type");
  if (grant === null) return oauthError(invalidRequest("grant_type is missing."));
  if (grant !== "authorization_code") {
    const description = "grant_type has to be authorization_code.";
    return oauthError({ status: 400, error: "unsupported_grant_type", description });
  }
  const text = form.get("code");
  if (text === null) return oauthError(invalidRequest("code is missing."));
  const now = Date.now();
  const code = deps.texts.open<AuthorizationCode>("code", text, now);
  if (
    code === null ||
    code.clientId !== client.id ||
    !isSameRedirectUri(code, form.get("redirect_uri")) ||
    !isVerifierOf(code.codeChallenge, form.get("code_verifier"))
  ) {
    return oauthError(INVALID_GRANT);
  }
  await deps.issuer.ready();
  const verification = await deps.redemptions.redeem(code.id, client.app);
  if (verification === null) return oauthError(INVALID_GRANT);

  const { id, clientId, scope } = code;
  const sub = await deps.issuer.subjectOf(verification.to, client.sector);
  const claims = idTokenClaims({ client, verification, sub, scope }, code, issuer, now);
  const accessToken: AccessToken = { id, clientId, scope };
  const body = {
    access_token: deps.texts.seal("access_token", accessToken, now),
    token_type: "Bearer",
    expires_in: lifetimeSeconds("access_token"),
    scope,
    id_token: await deps.issuer.sign(claims, { typ: "JWT", alg: client.idTokenSignedResponseAlg }),
    authorization_details: authorizationDetails(verification) ?? undefined,
  };
  return Response.json(body, { headers: ANSWER_HEADERS });
}
