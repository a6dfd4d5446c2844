import { isConfidential } from "../../keys/oauth-client.ts";
import { readBasic } from "../basic-auth.ts";
import { invalidRequest, type OAuthFault } from "./oauth-error.ts";
import { type Parameters, readForm } from "./parameters.ts";
import type { Client, Clients } from "./provider.ts";

/** A form of an authenticated client, or the answer to what is none. */
export type ClientForm =
  | { readonly kind: "form"; readonly form: Parameters; readonly client: Client }
  | { readonly kind: "refused"; readonly fault: OAuthFault };

/** Reads the form of a request that a client sends itself, and authenticates the client. */
export async function readClientForm(request: Request, clients: Clients): Promise<ClientForm> {
  const refused = (fault: OAuthFault): ClientForm => ({ kind: "refused", fault });
  const form = await readForm(request);
  if (form === null) return refused(invalidRequest("The body has to be a form in UTF-8."));
  if (form.repeated !== null) return refused(invalidRequest("Each parameter may be given once."));
  const authentication = await authenticateClient(request.headers.get("authorization"), form, clients);
  return authentication.kind === "refused"
    ? authentication
    : { kind: "form", form, client: authentication.client };
}

type Authentication =
  | { readonly kind: "client"; readonly client: Client }
  | { readonly kind: "refused"; readonly fault: OAuthFault };

/** The same for every reason, so that the answer tells no one which clients exist. */
const INVALID_CLIENT: OAuthFault = {
  status: 401,
  error: "invalid_client",
  description: "The client is unknown, or its secret is missing or wrong.",
  headers: { "www-authenticate": 'Basic realm="sandi"' },
};

interface Credentials {
  readonly id: string;
  /** Null for a client that presents none. */
  readonly secret: string | null;
}

/**
 * Authenticates the client of a form (RFC 6749 section 2.3.1): by Basic or by the form's fields, whichever of the two its
 * registration names, since libraries try both. A public client presents no secret.
 */
async function authenticateClient(
  authorization: string | null,
  form: Parameters,
  clients: Clients,
): Promise<Authentication> {
  const refused = (fault: OAuthFault): Authentication => ({ kind: "refused", fault });
  const posted = { id: form.get("client_id"), secret: form.get("client_secret") };
  if (authorization !== null && posted.secret !== null) {
    return refused(invalidRequest("The client authenticates in two ways."));
  }
  const credentials =
    authorization === null
      ? posted.id === null
        ? null
        : { id: posted.id, secret: posted.secret }
      : readCredentials(authorization);
  if (credentials === null) return refused(INVALID_CLIENT);
  if (posted.id !== null && posted.id !== credentials.id) {
    return refused(invalidRequest("client_id names another client than the credentials."));
  }
  const client = await clients.get(credentials.id);
  const isAuthentic = client !== null && (await isPresenting(client, credentials.secret, clients));
  return isAuthentic ? { kind: "client", client } : refused(INVALID_CLIENT);
}

async function isPresenting(client: Client, secret: string | null, clients: Clients): Promise<boolean> {
  if (!isConfidential(client)) return secret === null;
  return secret !== null && clients.authenticate(client.id, secret);
}

/** Both halves are encoded like the values of a form before they are joined. */
function readCredentials(authorization: string): Credentials | null {
  const basic = readBasic(authorization);
  if (basic === null) return null;
  try {
    return { id: decodeFormValue(basic.user), secret: decodeFormValue(basic.password) || null };
  } catch {
    return null;
  }
}

function decodeFormValue(text: string): string {
  return decodeURIComponent(text.replaceAll("+", " "));
}
