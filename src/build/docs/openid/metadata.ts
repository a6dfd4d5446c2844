import * as z from "zod";

const names = z.array(z.string());

/** What discovery answers (OpenID Connect Discovery 1.0, section 3, and RFC 8414, section 2). */
export const metadata = z
  .object({
    issuer: z.string().meta({ description: "The `iss` of every token, character by character." }),
    authorization_endpoint: z.url(),
    token_endpoint: z.url(),
    userinfo_endpoint: z.url(),
    pushed_authorization_request_endpoint: z.url(),
    jwks_uri: z.url(),
    scopes_supported: names,
    response_types_supported: names,
    response_modes_supported: names,
    grant_types_supported: names,
    subject_types_supported: names,
    id_token_signing_alg_values_supported: names,
    token_endpoint_auth_methods_supported: names,
    code_challenge_methods_supported: names,
    claims_supported: names,
    acr_values_supported: names,
    ui_locales_supported: names.meta({ description: "The languages of the page." }),
    prompt_values_supported: names,
    authorization_details_types_supported: names,
    authorization_response_iss_parameter_supported: z.boolean(),
    claims_parameter_supported: z.boolean(),
    request_parameter_supported: z.boolean(),
    request_uri_parameter_supported: z.boolean(),
  })
  .meta({ id: "ProviderMetadata", description: "What the provider offers." });

const key = z.object({
  kid: z.string().meta({ description: "The thumbprint of the key (RFC 7638)." }),
  alg: z.enum(["RS256", "ES256"]),
  use: z.literal("sig"),
  kty: z.enum(["RSA", "EC"]),
  n: z.string().optional().meta({ description: "Of an RSA key." }),
  e: z.string().optional().meta({ description: "Of an RSA key." }),
  crv: z.string().optional().meta({ description: "Of an EC key." }),
  x: z.string().optional().meta({ description: "Of an EC key." }),
  y: z.string().optional().meta({ description: "Of an EC key." }),
});

/** The public keys (RFC 7517, section 5). */
export const keySet = z.object({ keys: z.array(key) });
