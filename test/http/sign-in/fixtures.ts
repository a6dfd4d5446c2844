import { Parameters } from "../../../src/http/sign-in/parameters.ts";
import type { Client, Clients, TokenIssuer } from "../../../src/http/sign-in/provider.ts";
import { DEFAULT_APP } from "../../../src/ids/app-name.ts";

/** The verifier and the challenge of RFC 7636, appendix B. */
export const VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
export const CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

export const CLIENT: Client = {
  id: "cli_shop",
  app: DEFAULT_APP,
  clientName: "Example Shop",
  redirectUris: ["https://shop.example/callback", "https://shop.example/other?tenant=1"],
  applicationType: "web",
  tokenEndpointAuthMethod: "client_secret_basic",
  idTokenSignedResponseAlg: "RS256",
  scope: ["openid", "phone"],
  requirePkce: true,
  requirePushedAuthorizationRequests: false,
  authorizationDetailsTypes: [],
  purpose: "login",
  claimAliases: false,
  placeholders: null,
  policyUri: null,
  tosUri: null,
  sector: null,
};

export const NATIVE: Client = {
  ...CLIENT,
  id: "cli_app",
  applicationType: "native",
  tokenEndpointAuthMethod: "none",
  redirectUris: ["http://127.0.0.1/callback", "http://[::1]:8000/callback", "com.example.app:/callback"],
};

export const REQUEST: Readonly<Record<string, string>> = {
  client_id: CLIENT.id,
  redirect_uri: "https://shop.example/callback",
  response_type: "code",
  scope: "openid phone",
  state: "state of the app",
  nonce: "nonce of the app",
  code_challenge: CHALLENGE,
  code_challenge_method: "S256",
};

/** The parameters of a valid request with some of them changed; undefined leaves one out. */
export function parametersWith(
  changed: Readonly<Record<string, string | undefined>>,
  ...more: readonly (readonly [string, string])[]
): Parameters {
  const merged: Readonly<Record<string, string | undefined>> = { ...REQUEST, ...changed };
  const pairs = Object.entries(merged).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return new Parameters([...pairs, ...more]);
}

/** The secret of every client that has one. */
export const SECRET = "secret of the client: %+ü";

/** A register of these clients. */
export function registerOf(...clients: readonly Client[]): Clients {
  return {
    get: (id) => Promise.resolve(clients.find((client) => client.id === id) ?? null),
    authenticate: (_, secret) => Promise.resolve(secret === SECRET),
  };
}

/** Signs by spelling out what it signs, and names subjects by their numbers. */
export const ISSUER: TokenIssuer = {
  ready: () => Promise.resolve(),
  sign: (claims, options) => Promise.resolve(JSON.stringify({ claims, options })),
  verify: () => Promise.resolve(null),
  subjectOf: (to, sector) => Promise.resolve(`subject-of-${to.slice(1)}-in-${sector ?? "public"}`),
};

/** `Authorization: Basic` as RFC 6749 section 2.3.1 spells it. */
export function basic(id: string, secret: string): string {
  const encode = (text: string) => new URLSearchParams([["", text]]).toString().slice(1);
  return `Basic ${btoa(`${encode(id)}:${encode(secret)}`)}`;
}
