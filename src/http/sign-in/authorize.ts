import { DEFAULT_POLICY } from "../../phone-number/policy.ts";
import { deadEnd, redirectError } from "./answers.ts";
import { type AuthorizeRequest, readAuthorizeRequest } from "./authorize-request.ts";
import { browserCookie, browserOf, newBrowser } from "./browser.ts";
import { beginFlow } from "./flow.ts";
import { Parameters, readForm } from "./parameters.ts";
import type { Client } from "./provider.ts";
import { isPushedUri, openPushed } from "./pushed-request.ts";
import { showNumber, type Visit } from "./visit.ts";

/**
 * Answers an authentication request with the first page. It sends nothing and stores nothing: link scanners and images of
 * other sites make such requests too.
 */
export async function authorize(visit: Visit): Promise<Response> {
  const { request, deps, now } = visit;
  const parameters =
    request.method === "POST" ? await readForm(request) : new Parameters(new URL(request.url).searchParams);
  const clientId = parameters?.get("client_id") ?? null;
  const client = clientId === null ? null : await deps.clients.get(clientId);
  if (parameters === null || client === null) return deadEnd(visit, "page_request", 400);
  const requestUri = parameters.get("request_uri");
  if (requestUri !== null && isPushedUri(requestUri)) {
    const pushed = openPushed(requestUri, client, deps.texts, now);
    return pushed === null ? deadEnd(visit, "page_over", 400, client) : firstPage(visit, client, pushed);
  }
  const context = { client, isPushed: false, needsBinding: needsBinding(client, visit), issuer: deps.issuer };
  const reading = await readAuthorizeRequest(parameters, context);
  switch (reading.kind) {
    case "no_redirect":
      return deadEnd(visit, "page_request", 400, client);
    case "refused":
      return redirectError(visit, reading, reading.fault.error, reading.fault.description);
    case "request":
      return firstPage(visit, client, reading.request);
  }
}

/** Whether the client's purpose confirms payments alone. */
export function needsBinding({ purpose }: Client, { deps }: Pick<Visit, "deps">): boolean {
  return (deps.policies.get(purpose) ?? DEFAULT_POLICY).bindRequired;
}

async function firstPage(visit: Visit, client: Client, request: AuthorizeRequest): Promise<Response> {
  const isSecure = visit.issuer.startsWith("https:");
  const known = browserOf(visit.request, isSecure);
  const browser = known ?? newBrowser();
  const flow = beginFlow(request, browser, visit.now);
  const response = await showNumber({ ...visit, client, flow });
  if (known === null) response.headers.append("set-cookie", browserCookie(browser, isSecure));
  return response;
}
