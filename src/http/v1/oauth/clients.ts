import * as z from "zod";
import type { Apps } from "../../../keys/apps.ts";
import { registration, SUBJECT_TYPES } from "../../../keys/oauth-client.ts";
import { type OAuthClients, OVERLAP_MS } from "../../../keys/oauth-clients.ts";
import type { Policy } from "../../../phone-number/policy.ts";
import { described, documented } from "../../../platform/documented.ts";
import { type Fault, Problem } from "../../../platform/problem.ts";
import { HOUR_MS } from "../../../platform/time.ts";
import { anyText, defineEndpoint, type Handlers, orNotFound } from "../../endpoint.ts";
import { appName, chosenApp, ownOrAdministered, scopeOf } from "../apps.ts";
import { pageBody, pageQuery } from "../page.ts";
import { clientBody, toClientBody } from "./client-body.ts";
import { clientFields, toStoredNames } from "./client-fields.ts";

const BY_THE_ADMINISTRATION = "Every key with the scope admin manages the clients of every app.";

const clientSecret = documented(() =>
  z.string().meta({ description: "Shown this once: only its digest is stored." }),
);

export function clientDefinitions(policies: ReadonlyMap<string, Policy>) {
  const fields = clientFields(policies);
  const shared = { scope: "admin", sharedByApps: BY_THE_ADMINISTRATION } as const;
  return {
    createOAuthClient: defineEndpoint({
      docs: documented(() => ({
        summary: "Register a client",
        description:
          "An app or service whose users sign in by OpenID Connect. Its secret is in this answer and can never be read " +
          "again. `app` and `subject_type` cannot be changed later.",
        example: { client_name: "Example Shop", redirect_uris: ["https://shop.example.com/callback"] },
        responses: {
          201: {
            description: "Registered.",
            schema: clientBody.extend({ client_secret: clientSecret.optional() }).meta({
              id: "CreatedOAuthClient",
              description: "Without a secret for a client that keeps none.",
            }),
          },
        },
        problems: ["unknown_purpose", "not_found"],
      })),
      ...shared,
      operationId: "createOAuthClient",
      method: "post",
      path: "/v1/oauth/clients",
      body: z
        .strictObject({
          ...fields,
          application_type: fields.application_type.default("web"),
          token_endpoint_auth_method: fields.token_endpoint_auth_method.default("client_secret_basic"),
          id_token_signed_response_alg: fields.id_token_signed_response_alg.default("RS256"),
          scope: fields.scope.prefault("openid phone"),
          subject_type: z
            .enum(SUBJECT_TYPES)
            .default("public")
            .meta(
              described({
                description:
                  "With `pairwise`, subjects are drawn for the one host of its redirect URIs, which is then frozen.",
              }),
            ),
          require_pkce: fields.require_pkce.default(true),
          require_pushed_authorization_requests: fields.require_pushed_authorization_requests.default(false),
          authorization_details_types: fields.authorization_details_types.default([]),
          purpose: fields.purpose.default("login"),
          claim_aliases: fields.claim_aliases.default(false),
          placeholders: fields.placeholders.default(null),
          logo_uri: fields.logo_uri.default(null),
          policy_uri: fields.policy_uri.default(null),
          tos_uri: fields.tos_uri.default(null),
          app: appName.optional().meta(
            described({
              description: "The app that it belongs to; the caller's own by default.",
            }),
          ),
        })
        .meta(described({ id: "CreateOAuthClient" })),
    }),

    listOAuthClients: defineEndpoint({
      docs: documented(() => ({
        summary: "List clients",
        description:
          "Without their secrets, a page at a time; those of every app, or of the one that the query names. Where it " +
          "names one, a page may have fewer clients than its limit while others follow.",
        responses: { 200: { description: "A page of clients.", schema: pageBody(clientBody) } },
        problems: ["not_found"],
      })),
      ...shared,
      operationId: "listOAuthClients",
      method: "get",
      path: "/v1/oauth/clients",
      query: z.strictObject({ ...pageQuery, app: appName.optional() }),
    }),

    getOAuthClient: defineEndpoint({
      docs: documented(() => ({
        summary: "Read a client",
        description: "Without its secret.",
        responses: { 200: { description: "The client.", schema: clientBody } },
        problems: ["not_found"],
      })),
      ...shared,
      operationId: "getOAuthClient",
      method: "get",
      path: "/v1/oauth/clients/{id}",
      params: { id: anyText },
    }),

    updateOAuthClient: defineEndpoint({
      docs: documented(() => ({
        summary: "Change a client",
        description:
          "What the body does not name stays. A client with a secret cannot become one without, nor the reverse.",
        example: {
          redirect_uris: ["https://shop.example.com/callback", "https://shop.example.com/callback/2"],
        },
        responses: { 200: { description: "The client as it is now.", schema: clientBody } },
        problems: ["unknown_purpose", "not_found"],
      })),
      ...shared,
      operationId: "updateOAuthClient",
      method: "patch",
      path: "/v1/oauth/clients/{id}",
      params: { id: anyText },
      body: z
        .strictObject(fields)
        .partial()
        .meta(described({ id: "UpdateOAuthClient" })),
    }),

    deleteOAuthClient: defineEndpoint({
      docs: documented(() => ({
        summary: "Delete a client",
        description: "It stops working everywhere within two minutes.",
        responses: { 204: { description: "Deleted." } },
        problems: ["not_found"],
      })),
      ...shared,
      operationId: "deleteOAuthClient",
      method: "delete",
      path: "/v1/oauth/clients/{id}",
      params: { id: anyText },
    }),

    rotateOAuthClientSecret: defineEndpoint({
      docs: documented(() => ({
        summary: "Replace a client's secret",
        description:
          "The new secret is in this answer and can never be read again. The one before it is accepted for " +
          `${OVERLAP_MS / HOUR_MS} hours more; a second rotation ends the oldest at once.`,
        responses: {
          200: {
            description: "Replaced.",
            schema: clientBody.extend({ client_secret: clientSecret }).meta({ id: "OAuthClientWithSecret" }),
          },
        },
        problems: ["not_found"],
      })),
      ...shared,
      operationId: "rotateOAuthClientSecret",
      method: "post",
      path: "/v1/oauth/clients/{id}/rotate",
      params: { id: anyText },
    }),
  };
}

export function clientHandlers(clients: OAuthClients, apps: Apps): Handlers<typeof clientDefinitions> {
  return {
    async createOAuthClient({ body, caller }) {
      const app = body.app === undefined ? caller.app : ownOrAdministered(caller, body.app, apps);
      const created = await clients.create({
        ...registration.parse(toStoredNames(body)),
        app,
        subjectType: body.subject_type,
      });
      if (created.kind === "invalid") throw invalid(created.fault);
      const { client, secret } = created;
      const shown = toClientBody(client);
      return {
        status: 201,
        body: secret === null ? shown : { ...shown, client_secret: secret },
        outcome: "created",
        target: client.id,
      };
    },
    async listOAuthClients({ query: { limit, after = null, app }, caller }) {
      const page = await clients.list(chosenApp(caller, app, apps), limit, after);
      return {
        status: 200,
        body: { data: page.clients.map(toClientBody), next: page.next },
        outcome: "listed",
      };
    },
    async getOAuthClient({ params: { id }, caller }) {
      const client = orNotFound(await clients.read(id, scopeOf(caller)));
      return { status: 200, body: toClientBody(client), outcome: "read" };
    },
    async updateOAuthClient({ params: { id }, body, caller }) {
      const changes = registration.partial().parse(toStoredNames(body));
      const updated = await clients.update(id, scopeOf(caller), changes);
      if (updated.kind === "not_found") throw new Problem("not_found");
      if (updated.kind === "invalid") throw invalid(updated.fault);
      return { status: 200, body: toClientBody(updated.client), outcome: "updated" };
    },
    async deleteOAuthClient({ params: { id }, caller }) {
      if (!(await clients.delete(id, scopeOf(caller)))) throw new Problem("not_found");
      return { status: 204, outcome: "deleted" };
    },
    async rotateOAuthClientSecret({ params: { id }, caller }) {
      const rotated = await clients.rotate(id, scopeOf(caller));
      if (rotated.kind === "not_found") throw new Problem("not_found");
      if (rotated.kind === "without_secret") {
        throw invalid({ pointer: "", detail: "A client without a secret has none to replace." });
      }
      const body = { ...toClientBody(rotated.client), client_secret: rotated.secret };
      return { status: 200, body, outcome: "rotated" };
    },
  };
}

function invalid(fault: Fault): Problem {
  return new Problem("invalid_request", { detail: fault.detail, errors: [fault] });
}
