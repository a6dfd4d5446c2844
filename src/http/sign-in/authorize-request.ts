import * as z from "zod";
import type { Binding } from "../../codes/code.ts";
import { isConfidential } from "../../keys/oauth-client.ts";
import { type E164, parseE164 } from "../../numbering/e164.ts";
import { isLocale } from "../../numbering/locale.ts";
import { readJson } from "../../platform/json.ts";
import { binding } from "../../wire/verification.ts";
import type { Parameters } from "./parameters.ts";
import type { Client, TokenIssuer } from "./provider.ts";
import { isRedirectUriOf } from "./redirect-uri.ts";

/** An authentication request that is valid, by a client that may make it. */
export interface AuthorizeRequest {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly state: string | null;
  readonly nonce: string | null;
  /** What is granted: of the scopes that the client asks for, those it is registered with. */
  readonly scope: string;
  /** Of S256; null for a confidential client that is registered to go without. */
  readonly codeChallenge: string | null;
  readonly loginHint: E164 | null;
  /** The number is the client's and not the user's to choose. */
  readonly isNumberFixed: boolean;
  /** The user that has to sign in; null for any. */
  readonly subject: string | null;
  /** BCP 47 tags, the preferred one first. */
  readonly locales: readonly string[];
  /** The payment that the sign-in confirms. */
  readonly payment: Binding | null;
}

/** Why a request is refused: the error codes of RFC 6749, RFC 9396 and OpenID Connect. */
export interface RequestFault {
  readonly error:
    | "invalid_request"
    | "unsupported_response_type"
    | "invalid_scope"
    | "login_required"
    | "invalid_authorization_details"
    | "request_not_supported"
    | "request_uri_not_supported"
    | "registration_not_supported";
  readonly description: string;
}

export type RequestReading =
  | { readonly kind: "request"; readonly request: AuthorizeRequest }
  /** No redirect URI that may be trusted with an answer. */
  | { readonly kind: "no_redirect" }
  | {
      readonly kind: "refused";
      readonly fault: RequestFault;
      readonly redirectUri: string;
      readonly state: string | null;
    };

/** What a request is read by, besides its parameters. */
export interface RequestContext {
  readonly client: Client;
  /** It came over the back channel, from the client itself (RFC 9126). */
  readonly isPushed: boolean;
  /** The client's purpose confirms payments alone. */
  readonly needsBinding: boolean;
  readonly issuer: Pick<TokenIssuer, "verify">;
}

const LONGEST_STATE = 2_048;
const LONGEST_NONCE = 512;
const MOST_LOCALES = 10;

const paymentDetails = z.tuple([binding.extend({ type: z.literal("payment") })]);

/**
 * Reads an authentication request (OpenID Connect Core 3.1.2.1) of a known client. The redirect URI comes first: where it is
 * not the client's, no answer may be sent to it.
 */
export async function readAuthorizeRequest(
  parameters: Parameters,
  context: RequestContext,
): Promise<RequestReading> {
  const { client, issuer } = context;
  const redirectUri = parameters.get("redirect_uri");
  if (redirectUri === null || !isRedirectUriOf(client, redirectUri)) return { kind: "no_redirect" };
  const state = parameters.get("state");
  const refused = (fault: RequestFault): RequestReading => ({ kind: "refused", fault, redirectUri, state });

  const fault = faultOf(parameters, context);
  if (fault !== null) return refused(fault);
  const scope = grantedScope(parameters.get("scope"), client);
  if (scope === null)
    return refused({ error: "invalid_scope", description: "The scope has to name openid." });
  const payment = readPayment(parameters.get("authorization_details"), context);
  if (payment === "invalid") {
    const description = "authorization_details takes one pushed payment of a type that the client may use.";
    return refused({ error: "invalid_authorization_details", description });
  }
  const hint = parameters.get("id_token_hint");
  const subject = hint === null ? null : await subjectOfHint(hint, client, issuer);
  if (hint !== null && subject === null) {
    return refused(invalid("id_token_hint has to be a token of this issuer for this client."));
  }
  const loginHint = readLoginHint(parameters.get("login_hint"));
  const request: AuthorizeRequest = {
    clientId: client.id,
    redirectUri,
    state,
    nonce: parameters.get("nonce"),
    scope,
    codeChallenge: parameters.get("code_challenge"),
    loginHint,
    isNumberFixed: isOfClient(context) && loginHint !== null,
    subject,
    locales: readLocales(parameters.get("ui_locales")),
    payment,
  };
  return { kind: "request", request };
}

/** The first rule about one parameter alone that the request breaks. */
function faultOf(parameters: Parameters, context: RequestContext): RequestFault | null {
  if (parameters.repeated !== null) return invalid("Each parameter may be given once.");
  if (parameters.get("response_type") !== "code") {
    return { error: "unsupported_response_type", description: "response_type has to be code." };
  }
  if (!["query", null].includes(parameters.get("response_mode"))) {
    return invalid("response_mode has to be query.");
  }
  for (const name of ["request", "request_uri", "registration"] as const) {
    if (parameters.get(name) === null) continue;
    return { error: `${name}_not_supported`, description: `${name} is not supported.` };
  }
  if (context.client.requirePushedAuthorizationRequests && !context.isPushed) {
    return invalid("This client has to push its requests.");
  }
  return challengeFault(parameters, context.client) ?? lengthFault(parameters) ?? promptFault(parameters);
}

function challengeFault(parameters: Parameters, client: Client): RequestFault | null {
  const challenge = parameters.get("code_challenge");
  const method = parameters.get("code_challenge_method");
  if (challenge === null && method === null) {
    const isNeeded = client.requirePkce || !isConfidential(client);
    return isNeeded ? invalid("code_challenge is needed (RFC 7636).") : null;
  }
  if (method !== "S256") return invalid("code_challenge_method has to be S256.");
  const isDigest = /^[A-Za-z0-9_-]{43}$/.test(challenge ?? "");
  return isDigest ? null : invalid("code_challenge has to be 43 characters of base64url.");
}

function lengthFault(parameters: Parameters): RequestFault | null {
  if ((parameters.get("state") ?? "").length > LONGEST_STATE) {
    return invalid(`state has at most ${LONGEST_STATE} characters.`);
  }
  if ((parameters.get("nonce") ?? "").length > LONGEST_NONCE) {
    return invalid(`nonce has at most ${LONGEST_NONCE} characters.`);
  }
  return null;
}

/** There is no session to answer from without the user; everything else that `prompt` asks for happens anyway. */
function promptFault(parameters: Parameters): RequestFault | null {
  const prompts = words(parameters.get("prompt"));
  if (prompts.includes("none")) {
    return prompts.length === 1
      ? { error: "login_required", description: "The user has to type a code." }
      : invalid("prompt names none beside other values.");
  }
  const isAge = /^\d{1,15}$/.test(parameters.get("max_age") ?? "0");
  return isAge ? null : invalid("max_age has to be a number of seconds.");
}

function grantedScope(asked: string | null, { scope }: Client): string | null {
  const names = new Set(words(asked));
  if (!names.has("openid")) return null;
  return scope.filter((name) => names.has(name)).join(" ");
}

/** Whether the client itself has made the request, which only a secret shows. */
function isOfClient({ client, isPushed }: RequestContext): boolean {
  return isPushed && isConfidential(client);
}

function readPayment(details: string | null, context: RequestContext): Binding | null | "invalid" {
  const { client, needsBinding } = context;
  if (details === null) return needsBinding ? "invalid" : null;
  if (!isOfClient(context) || !client.authorizationDetailsTypes.includes("payment")) return "invalid";
  const read = paymentDetails.safeParse(readJson(details));
  if (!read.success) return "invalid";
  const [{ amount, currency, payee }] = read.data;
  return { amount, currency, payee };
}

/** The token's `aud` has to name this client, so that a proof for another audience is no hint. */
async function subjectOfHint(
  hint: string,
  { id }: Client,
  issuer: RequestContext["issuer"],
): Promise<string | null> {
  const claims = await issuer.verify(hint);
  return claims?.aud === id && typeof claims.sub === "string" ? claims.sub : null;
}

/** As E.164, or with `tel:` before it. */
function readLoginHint(hint: string | null): E164 | null {
  return hint === null ? null : parseE164(hint.replace(/^tel:/, ""));
}

function readLocales(tags: string | null): readonly string[] {
  return words(tags).filter(isLocale).slice(0, MOST_LOCALES);
}

function words(text: string | null): readonly string[] {
  return (text ?? "").split(" ").filter((word) => word !== "");
}

function invalid(description: string): RequestFault {
  return { error: "invalid_request", description };
}
