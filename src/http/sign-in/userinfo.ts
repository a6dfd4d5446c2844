import type { AccessToken } from "./authorization-code.ts";
import { userClaims } from "./claims.ts";
import { ANSWER_HEADERS, oauthError } from "./oauth-error.ts";
import type { TokenDependencies } from "./token.ts";

const BEARER = /^Bearer +([A-Za-z0-9_-]+)$/i;

/** Tells who signed in (OpenID Connect Core, section 5.3), to the bearer of an access token in the header and nowhere else. */
export async function answerUserInfo(request: Request, deps: TokenDependencies): Promise<Response> {
  const authorization = request.headers.get("authorization");
  // RFC 6750 section 3.1: a request without credentials is told how to authenticate, and no error.
  if (authorization === null) return unauthorized("Bearer");
  const text = BEARER.exec(authorization)?.[1] ?? "";
  const token = deps.texts.open<AccessToken>("access_token", text, Date.now());
  const client = token === null ? null : await deps.clients.get(token.clientId);
  if (token === null || client === null) return unauthorized('Bearer error="invalid_token"');
  const verification = await deps.redemptions.introduce(token.id, client.app);
  if (verification === null) return unauthorized('Bearer error="invalid_token"');
  const sub = await deps.issuer.subjectOf(verification.to, client.sector);
  const claims = userClaims({ client, verification, sub, scope: token.scope });
  return Response.json(claims, { headers: ANSWER_HEADERS });
}

function unauthorized(challenge: string): Response {
  return oauthError({
    status: 401,
    error: "invalid_token",
    description: "The access token is missing, expired or not valid.",
    headers: { "www-authenticate": challenge },
  });
}
