import { type AuthorizeRequest, readAuthorizeRequest } from "./authorize-request.ts";
import { readClientForm } from "./client-authentication.ts";
import { ANSWER_HEADERS, invalidRequest, oauthError } from "./oauth-error.ts";
import type { Client } from "./provider.ts";
import { lifetimeSeconds, type SealedTexts } from "./sealed-texts.ts";
import type { TokenDependencies } from "./token.ts";

/** What RFC 9126 gives as the beginning of a `request_uri`. */
const URN = "urn:ietf:params:oauth:request_uri:";

/** Takes an authentication request from the client itself, and answers what stands for it in the browser (RFC 9126). */
export async function pushRequest(
  request: Request,
  deps: TokenDependencies,
  needsBinding: (client: Client) => boolean,
): Promise<Response> {
  const read = await readClientForm(request, deps.clients);
  if (read.kind === "refused") return oauthError(read.fault);
  const { form, client } = read;
  if (form.get("request_uri") !== null) {
    return oauthError(invalidRequest("request_uri is what this endpoint answers."));
  }
  const context = { client, isPushed: true, needsBinding: needsBinding(client), issuer: deps.issuer };
  const reading = await readAuthorizeRequest(form, context);
  if (reading.kind === "no_redirect") {
    return oauthError(invalidRequest("redirect_uri is not one of the client's."));
  }
  if (reading.kind === "refused") return oauthError({ status: 400, ...reading.fault });
  const sealed = deps.texts.seal("request", reading.request, Date.now());
  const body = { request_uri: URN + sealed, expires_in: lifetimeSeconds("request") };
  return Response.json(body, { status: 201, headers: ANSWER_HEADERS });
}

/** Whether a `request_uri` is of the form that {@link pushRequest} answers. */
export function isPushedUri(requestUri: string): boolean {
  return requestUri.startsWith(URN);
}

/** The request behind a `request_uri` of this client; null for one that is another's, changed or over. */
export function openPushed(
  requestUri: string,
  client: Client,
  texts: SealedTexts,
  now: number,
): AuthorizeRequest | null {
  const request = texts.open<AuthorizeRequest>("request", requestUri.slice(URN.length), now);
  return request?.clientId === client.id ? request : null;
}
