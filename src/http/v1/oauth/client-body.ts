import * as z from "zod";
import { ALGORITHMS } from "../../../keys/issuer/signing-keys.ts";
import {
  APPLICATION_TYPES,
  AUTH_METHODS,
  DETAILS_TYPES,
  type OAuthClient,
  SUBJECT_TYPES,
} from "../../../keys/oauth-client.ts";
import { documented } from "../../../platform/documented.ts";
import { toIso, toIsoOrNull } from "../../../platform/time.ts";

const time = documented(() => z.iso.datetime().meta({ description: "UTC, with milliseconds." }));

/** A client as answers show it, without its secrets. */
export const clientBody = documented(() =>
  z
    .object({
      client_id: z.string(),
      app: z.string().meta({ description: "The app that it belongs to." }),
      client_name: z.string(),
      redirect_uris: z.array(z.string()),
      application_type: z.enum(APPLICATION_TYPES),
      token_endpoint_auth_method: z.enum(AUTH_METHODS),
      id_token_signed_response_alg: z.enum(ALGORITHMS),
      scope: z.string(),
      subject_type: z.enum(SUBJECT_TYPES).meta({
        description: "With `pairwise`, a number has another subject here than at clients of other hosts.",
      }),
      require_pkce: z.boolean(),
      require_pushed_authorization_requests: z.boolean(),
      authorization_details_types: z.array(z.enum(DETAILS_TYPES)),
      purpose: z.string(),
      claim_aliases: z.boolean(),
      placeholders: z.object({ email_domain: z.string() }).nullable(),
      logo_uri: z.string().nullable(),
      policy_uri: z.string().nullable(),
      tos_uri: z.string().nullable(),
      previous_secret_expires_at: time.nullable().meta({
        description: "Until then the secret before the last rotation is accepted as well.",
      }),
      warnings: z.array(z.string()).meta({ description: "What its settings give up." }),
      created_at: time,
    })
    .meta({ id: "OAuthClient" }),
);

const WITHOUT_PKCE =
  "Without PKCE an authorization code that was intercepted can be injected: ASVS 5.0, 10.4.6, is not met.";

export function toClientBody(client: OAuthClient): z.input<typeof clientBody> {
  const { placeholders } = client;
  return {
    client_id: client.id,
    app: client.app,
    client_name: client.clientName,
    redirect_uris: client.redirectUris,
    application_type: client.applicationType,
    token_endpoint_auth_method: client.tokenEndpointAuthMethod,
    id_token_signed_response_alg: client.idTokenSignedResponseAlg,
    scope: client.scope.join(" "),
    subject_type: client.subjectType,
    require_pkce: client.requirePkce,
    require_pushed_authorization_requests: client.requirePushedAuthorizationRequests,
    authorization_details_types: client.authorizationDetailsTypes,
    purpose: client.purpose,
    claim_aliases: client.claimAliases,
    placeholders: placeholders === null ? null : { email_domain: placeholders.emailDomain },
    logo_uri: client.logoUri,
    policy_uri: client.policyUri,
    tos_uri: client.tosUri,
    previous_secret_expires_at: toIsoOrNull(client.previousSecretExpiresAt),
    warnings: client.requirePkce ? [] : [WITHOUT_PKCE],
    created_at: toIso(client.createdAt),
  };
}
