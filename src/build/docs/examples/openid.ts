import type { Answers } from "./example.ts";

const ISSUER = "https://login.example.com";

const METADATA = {
  issuer: ISSUER,
  authorization_endpoint: `${ISSUER}/oauth/authorize`,
  token_endpoint: `${ISSUER}/oauth/token`,
  userinfo_endpoint: `${ISSUER}/oauth/userinfo`,
  pushed_authorization_request_endpoint: `${ISSUER}/oauth/par`,
  jwks_uri: `${ISSUER}/.well-known/jwks.json`,
  scopes_supported: ["openid", "phone", "profile", "email"],
  response_types_supported: ["code"],
  response_modes_supported: ["query"],
  grant_types_supported: ["authorization_code"],
  subject_types_supported: ["public", "pairwise"],
  id_token_signing_alg_values_supported: ["RS256", "ES256"],
  token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post", "none"],
  code_challenge_methods_supported: ["S256"],
  claims_supported: ["iss", "aud", "sub", "phone_number", "phone_number_verified"],
  acr_values_supported: ["http://idmanagement.gov/ns/assurance/aal/1"],
  ui_locales_supported: ["en", "ar", "id"],
  prompt_values_supported: ["none", "login", "consent", "select_account"],
  authorization_details_types_supported: ["payment"],
  authorization_response_iss_parameter_supported: true,
  claims_parameter_supported: false,
  request_parameter_supported: false,
  request_uri_parameter_supported: false,
};

/** RFC 7517, appendix A.1, with a shorter modulus. */
const KEYS = [
  {
    kid: "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs",
    alg: "RS256",
    use: "sig",
    kty: "RSA",
    n: "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx",
    e: "AQAB",
  },
  {
    kid: "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U",
    alg: "ES256",
    use: "sig",
    kty: "EC",
    crv: "P-256",
    x: "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
    y: "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
  },
];

/** What relying parties are answered. */
export const openIdAnswers = {
  readProviderMetadata: { 200: METADATA },
  readAuthorizationServerMetadata: { 200: METADATA },
  readKeySet: { 200: { keys: KEYS } },
  authorize: { 200: null, 303: null },
  pushAuthorizationRequest: {
    201: { request_uri: "urn:ietf:params:oauth:request_uri:6esc_11ACC5bwc014ltc14eY22c", expires_in: 90 },
  },
  exchangeCode: {
    200: {
      access_token: "2YotnFZFEjr1zCsicMWpAA",
      token_type: "Bearer",
      expires_in: 300,
      scope: "openid phone",
      id_token: "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJodHRwczovL2xvZ2luIn0.c2lnbmF0dXJl",
    },
  },
  readUserInfo: {
    200: {
      sub: "jdb3cna7x2ekp4ymehbxzkqgywkp14vw",
      phone_number: "+6281234567890",
      phone_number_verified: true,
    },
  },
} satisfies Answers;
