import * as z from "zod";
import { WELL_KNOWN_PATHS } from "../../../http/sign-in/well-known.ts";
import type { DocumentedEndpoint } from "../documented.ts";
import {
  authorizeQuery,
  oauthError,
  pushedAnswer,
  pushedRequest,
  tokenAnswer,
  tokenRequest,
  userInfo,
} from "./messages.ts";
import { keySet, metadata } from "./metadata.ts";

type Dialect = NonNullable<DocumentedEndpoint["dialect"]>;
type Errors = NonNullable<DocumentedEndpoint["errors"]>;

const dialect = (credentials: Dialect["credentials"]): Dialect => ({
  tag: "openid-connect",
  bodyType: "application/x-www-form-urlencoded",
  errorType: "application/json",
  errorBody: oauthError,
  credentials,
});

const ANYONE = dialect({});

const CLIENT = dialect({
  clientSecret: {
    type: "http",
    scheme: "basic",
    description:
      "The client's id and secret, each encoded as in a form (RFC 6749, section 2.3.1). Or both as fields of the form; " +
      "a client without a secret sends its `client_id` alone.",
  },
});

const BEARER_OF_TOKEN = dialect({
  accessToken: {
    type: "http",
    scheme: "bearer",
    bearerFormat: "access token",
    description: "The access token that the code was exchanged for.",
  },
});

const CLIENT_BY_CURL = '-u "$CLIENT_ID:$CLIENT_SECRET"';

/** RFC 7636, appendix B. */
const PKCE = {
  verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
  challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
} as const;

const REQUEST = {
  redirect_uri: "https://shop.example.com/callback",
  response_type: "code",
  scope: "openid phone",
  code_challenge: PKCE.challenge,
  code_challenge_method: "S256",
  state: "af0ifjsldkj",
  nonce: "n-0S6_WzA2Mj",
} as const;

const FAULTS_OF_PLATFORM: Errors = [
  [404, "`not_found`: this is another origin than the issuer's."],
  [500, "`server_error`: something went wrong here."],
  [503, "`temporarily_unavailable`: a service behind this one is out of reach; see `Retry-After`."],
];

const FAULTS_OF_CLIENT: Errors = [
  [
    401,
    "`invalid_client`: the client is unknown, its secret is missing or wrong, or it sent one and has none.",
  ],
  [413, "`invalid_request`: the form is larger than 16 KB."],
  ...FAULTS_OF_PLATFORM,
];

const INVALID_FORM =
  "`invalid_request`: the body is no form, a parameter is given twice or missing, or the client authenticates in two ways.";

/** OpenID Connect's endpoints, as relying parties know them. Those that only the page's own forms call are not among them. */
export const OPENID_ENDPOINTS: readonly DocumentedEndpoint[] = [
  {
    operationId: "readProviderMetadata",
    dialect: ANYONE,
    method: "get",
    path: WELL_KNOWN_PATHS.openId,
    summary: "Discover the provider",
    description: "OpenID Connect Discovery: where the endpoints are, and what they support.",
    responses: { 200: { description: "What the provider offers.", schema: metadata } },
    errors: FAULTS_OF_PLATFORM,
    curlCredentials: null,
  },
  {
    operationId: "readAuthorizationServerMetadata",
    dialect: ANYONE,
    method: "get",
    path: WELL_KNOWN_PATHS.oauth,
    summary: "Discover the authorization server",
    description: "The same for clients of OAuth without OpenID Connect (RFC 8414).",
    responses: { 200: { description: "What the provider offers.", schema: metadata } },
    errors: FAULTS_OF_PLATFORM,
    curlCredentials: null,
  },
  {
    operationId: "readKeySet",
    dialect: ANYONE,
    method: "get",
    path: WELL_KNOWN_PATHS.keys,
    summary: "Read the public keys",
    description: "The keys by which tokens and proofs are verified, the next one included. Cache them.",
    responses: { 200: { description: "A key set (RFC 7517).", schema: keySet } },
    errors: FAULTS_OF_PLATFORM,
    curlCredentials: null,
  },
  {
    operationId: "authorize",
    dialect: { ...ANYONE, errorType: "text/html", errorBody: z.string() },
    method: "get",
    path: "/oauth/authorize",
    summary: "Send a user to sign in",
    description:
      "The address to send a browser to; `POST` takes the same as a form. The user comes back to the redirect URI with " +
      "`code`, `state` and `iss`, or with `error`, `error_description`, `state` and `iss`.",
    query: authorizeQuery,
    addressExample: { client_id: "cli_3n9bzjphnsjg5qgs0jdxagb1w0", ...REQUEST },
    responses: {
      200: { description: "The page on which the user names a number." },
      303: { description: "The request is refused: the error, at the redirect URI." },
    },
    errors: [
      [
        400,
        "A page: the client or the redirect URI is missing, unknown or given twice, or a pushed request is over.",
      ],
      [404, "A page: this is another origin than the issuer's."],
      [500, "A page: something went wrong here."],
      [503, "A page: a service behind this one is out of reach; see `Retry-After`."],
    ],
  },
  {
    operationId: "pushAuthorizationRequest",
    dialect: CLIENT,
    method: "post",
    path: "/oauth/par",
    summary: "Push a request",
    description:
      "Takes the request from the client itself (RFC 9126). A payment is confirmed this way alone, since the browser " +
      "cannot change what it never carries.",
    body: pushedRequest,
    example: REQUEST,
    responses: { 201: { description: "What stands for the request, for 90 seconds.", schema: pushedAnswer } },
    errors: [
      [
        400,
        `${INVALID_FORM} Every error of a request that would go back to the redirect URI is answered here, such as ` +
          "`invalid_scope` and `invalid_authorization_details`.",
      ],
      ...FAULTS_OF_CLIENT,
    ],
    curlCredentials: CLIENT_BY_CURL,
  },
  {
    operationId: "exchangeCode",
    dialect: CLIENT,
    method: "post",
    path: "/oauth/token",
    summary: "Exchange a code",
    description:
      "For an access token and an ID token. A request that fails uses nothing up; a second use of a code ends the access " +
      "token of the first.",
    body: tokenRequest,
    example: {
      grant_type: "authorization_code",
      code: "SplxlOBeZQQYbYS6WxSbIA",
      redirect_uri: REQUEST.redirect_uri,
      code_verifier: PKCE.verifier,
    },
    responses: { 200: { description: "The tokens.", schema: tokenAnswer } },
    errors: [
      [400, INVALID_FORM],
      [
        400,
        "`invalid_grant`: the code was used, is older than 60 seconds, is another client's or was changed, or the " +
          "redirect URI or the verifier is another. The answer does not say which.",
      ],
      [400, "`unsupported_grant_type`: another than `authorization_code`."],
      ...FAULTS_OF_CLIENT,
    ],
    curlCredentials: CLIENT_BY_CURL,
  },
  {
    operationId: "readUserInfo",
    dialect: BEARER_OF_TOKEN,
    method: "get",
    path: "/oauth/userinfo",
    summary: "Ask who signed in",
    description: "The claims of the scope, which the ID token has as well. `POST` answers the same.",
    responses: { 200: { description: "The claims.", schema: userInfo } },
    errors: [
      [401, "`invalid_token`: the access token is missing, expired or not valid."],
      ...FAULTS_OF_PLATFORM,
    ],
    curlCredentials: '-H "Authorization: Bearer $ACCESS_TOKEN"',
  },
];
