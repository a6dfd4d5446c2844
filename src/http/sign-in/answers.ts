import { html } from "hono/html";
import type { VerificationId } from "../../ids/verification-id.ts";
import { type AuthorizationCode, codeFor } from "./authorization-code.ts";
import type { AuthorizeRequest } from "./authorize-request.ts";
import { renderPage } from "./page/frame.ts";
import { say } from "./page/text.ts";
import type { WordKey } from "./page/words.ts";
import type { Client } from "./provider.ts";
import { answerUri } from "./redirect-uri.ts";
import { frameOf, localizationOf, type Visit } from "./visit.ts";

/** What the client gets back of its request. */
type Redirected = Pick<AuthorizeRequest, "redirectUri" | "state">;

/** Sends the browser to the client with an error. */
export function redirectError(
  { issuer }: Visit,
  { redirectUri, state }: Redirected,
  error: string,
  description: string,
): Response {
  return redirect(answerUri(redirectUri, { error, error_description: description, state, iss: issuer }));
}

/** Sends the browser to the client with the code that exchanges this approval for tokens. */
export function redirectCode(visit: Visit, request: AuthorizeRequest, id: VerificationId): Response {
  const content: AuthorizationCode = codeFor(request, id);
  const code = visit.deps.texts.seal("code", content, visit.now);
  return redirect(answerUri(request.redirectUri, { code, state: request.state, iss: visit.issuer }));
}

/** By 303: with 307 the browser would post the form, and the number in it, to the client (RFC 9700 section 4.12). */
function redirect(location: string): Response {
  return new Response(null, { status: 303, headers: { location, "cache-control": "no-store" } });
}

/** A page on which nothing goes on, since there is no client that may be trusted with an answer, or no flow to go on with. */
export async function deadEnd(
  visit: Visit,
  key: Extract<WordKey, `page_${string}`>,
  status: number,
  client: Client | null = null,
): Promise<Response> {
  const localization = await localizationOf(visit, null);
  const { words } = localization;
  const content = html`<h1>${words.page_heading}</h1>
<p class="fault" role="alert">${say(localization, key)}</p>`;
  return renderPage(frameOf(visit, localization, client), status, words.page_heading, content);
}
