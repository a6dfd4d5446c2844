import type { Answers } from "./example.ts";

const AT = "2026-11-23T15:45:42.495Z";

const SIGNING_KEY = {
  kid: "kq3nNqZcXyJcJ2bYpF9w0Yw7m1vLr5tQf8sUeD4oHgA",
  alg: "RS256",
  status: "current",
  created_at: AT,
  signs_from: AT,
  published_until: null,
};
const NEXT_SIGNING_KEY = {
  ...SIGNING_KEY,
  kid: "T0uVxWqkE3hJrYc5LbN8aZs2GdFm6PiR9oX1nQvKw4M",
  status: "next",
  created_at: "2027-02-20T03:17:00.000Z",
  signs_from: "2027-02-21T03:17:00.000Z",
};

const CLIENT = {
  client_id: "cli_7m2vq9c4kx8dw5ht1zr6ybn3jg",
  app: "default",
  client_name: "Example Shop",
  redirect_uris: ["https://shop.example.com/callback"],
  application_type: "web",
  token_endpoint_auth_method: "client_secret_basic",
  id_token_signed_response_alg: "RS256",
  scope: "openid phone",
  subject_type: "public",
  require_pkce: true,
  require_pushed_authorization_requests: false,
  authorization_details_types: [],
  purpose: "login",
  claim_aliases: false,
  placeholders: null,
  logo_uri: null,
  policy_uri: null,
  tos_uri: null,
  previous_secret_expires_at: null,
  warnings: [],
  created_at: AT,
};

const SECRET = "ocs_0123456789abcdefghjkmnpqrstvwxyz0123456789abcdefghjk";

/** Clients of sign-in, and the keys that sign tokens. */
export const oauthAnswers = {
  createOAuthClient: { 201: { ...CLIENT, client_secret: SECRET } },
  listOAuthClients: { 200: { data: [CLIENT], next: null } },
  getOAuthClient: { 200: CLIENT },
  updateOAuthClient: {
    200: { ...CLIENT, redirect_uris: [...CLIENT.redirect_uris, "https://shop.example.com/callback/2"] },
  },
  deleteOAuthClient: { 204: null },
  rotateOAuthClientSecret: {
    200: { ...CLIENT, previous_secret_expires_at: "2026-11-24T15:45:42.495Z", client_secret: SECRET },
  },
  listSigningKeys: { 200: { data: [SIGNING_KEY], next: null } },
  rotateSigningKeys: { 200: { data: [NEXT_SIGNING_KEY, SIGNING_KEY] } },
} satisfies Answers;
