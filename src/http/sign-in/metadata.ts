import { ALGORITHMS } from "../../keys/issuer/signing-keys.ts";
import { AUTH_METHODS, CLIENT_SCOPES, DETAILS_TYPES, SUBJECT_TYPES } from "../../keys/oauth-client.ts";
import { ACR } from "../../verification/proof.ts";
import { LANGUAGES } from "./page/words.ts";

/** What the issuer offers (OpenID Connect Discovery, section 3, and RFC 8414). */
export function metadataOf(issuer: string) {
  return {
    issuer,
    authorization_endpoint: `${issuer}/oauth/authorize`,
    token_endpoint: `${issuer}/oauth/token`,
    userinfo_endpoint: `${issuer}/oauth/userinfo`,
    pushed_authorization_request_endpoint: `${issuer}/oauth/par`,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    scopes_supported: CLIENT_SCOPES,
    response_types_supported: ["code"],
    response_modes_supported: ["query"],
    grant_types_supported: ["authorization_code"],
    subject_types_supported: SUBJECT_TYPES,
    id_token_signing_alg_values_supported: ALGORITHMS,
    token_endpoint_auth_methods_supported: AUTH_METHODS,
    code_challenge_methods_supported: ["S256"],
    claims_supported: CLAIMS,
    acr_values_supported: [ACR],
    ui_locales_supported: LANGUAGES,
    prompt_values_supported: ["none", "login", "consent", "select_account"],
    authorization_details_types_supported: DETAILS_TYPES,
    authorization_response_iss_parameter_supported: true,
    claims_parameter_supported: false,
    request_parameter_supported: false,
    request_uri_parameter_supported: false,
  };
}

const CLAIMS = [
  "iss",
  "aud",
  "sub",
  "iat",
  "exp",
  "jti",
  "nonce",
  "auth_time",
  "amr",
  "acr",
  "phone_number",
  "phone_number_verified",
  "phone",
  "phone_verified",
  "email",
  "email_verified",
  "name",
  "identity_changed",
  "authorization_details",
];
