import * as z from "zod";
import { DEFAULT_APP } from "../../ids/app-name.ts";
import type { ApiKeys } from "../../keys/api-keys.ts";
import type { Apps } from "../../keys/apps.ts";
import { SCOPES } from "../../keys/caller.ts";
import { described, documented } from "../../platform/documented.ts";
import { Problem } from "../../platform/problem.ts";
import { keyBody, toKeyBody } from "../../wire/api-key.ts";
import { anyText, defineEndpoint, type Handlers } from "../endpoint.ts";
import { appName, configuredApp } from "./apps.ts";
import { pageBody, pageQuery } from "./page.ts";

const BY_THE_ADMINISTRATION = "Whoever has the scope admin manages the keys of every app.";

export const keyDefinitions = {
  createKey: defineEndpoint({
    operationId: "createKey",
    method: "post",
    path: "/v1/keys",
    scope: "admin",
    sharedByApps: BY_THE_ADMINISTRATION,
    docs: documented(() => ({
      summary: "Create an API key",
      description: "The key is in this answer and can never be read again: only its digest is stored.",
      example: { name: "Shop backend", scopes: ["verifications"] },
      responses: {
        201: {
          description: "Created.",
          schema: keyBody.extend({ key: z.string() }).meta({ id: "CreatedApiKey" }),
        },
      },
      problems: [],
    })),
    body: z
      .strictObject({
        name: z.string().min(1).max(100),
        scopes: z.array(z.enum(SCOPES)).min(1).max(SCOPES.length),
        app: appName.default(DEFAULT_APP),
      })
      .meta(described({ id: "CreateApiKey" })),
  }),

  listKeys: defineEndpoint({
    operationId: "listKeys",
    method: "get",
    path: "/v1/keys",
    scope: "admin",
    sharedByApps: BY_THE_ADMINISTRATION,
    docs: documented(() => ({
      summary: "List API keys",
      description: "Without their secrets, a page at a time.",
      responses: { 200: { description: "A page of keys.", schema: pageBody(keyBody) } },
      problems: [],
    })),
    query: z.strictObject(pageQuery),
  }),

  revokeKey: defineEndpoint({
    operationId: "revokeKey",
    method: "delete",
    path: "/v1/keys/{id}",
    scope: "admin",
    sharedByApps: BY_THE_ADMINISTRATION,
    docs: documented(() => ({
      summary: "Revoke an API key",
      description: "It stops working everywhere within two minutes.",
      responses: { 204: { description: "Revoked." } },
      problems: ["not_found"],
    })),
    params: { id: anyText },
  }),
};

export function keyHandlers(keys: ApiKeys, apps: Apps): Handlers<typeof keyDefinitions> {
  return {
    async createKey({ body: { name, scopes, app } }) {
      const { key, ...created } = await keys.create(name, [...new Set(scopes)], configuredApp(app, apps));
      return { status: 201, body: { ...toKeyBody(created), key }, outcome: "created" };
    },
    async listKeys({ query: { limit, after = null } }) {
      const page = await keys.list(limit, after);
      return { status: 200, body: { data: page.keys.map(toKeyBody), next: page.next }, outcome: "listed" };
    },
    async revokeKey({ params: { id } }) {
      if (!(await keys.revoke(id))) throw new Problem("not_found");
      return { status: 204, outcome: "revoked" };
    },
  };
}
