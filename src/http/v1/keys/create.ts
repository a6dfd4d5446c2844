import * as z from "zod";
import { type ApiKeys, SCOPES } from "../../../keys/api-keys.ts";
import { endpoint } from "../endpoint.ts";
import { keyBody, toKeyBody } from "./body.ts";

export function createKey(keys: ApiKeys) {
  return endpoint({
    operationId: "createKey",
    method: "post",
    path: "/v1/keys",
    scope: "admin",
    summary: "Create an API key",
    description: "The key is in this answer and can never be read again: only its digest is stored.",
    body: z
      .strictObject({
        name: z.string().min(1).max(100),
        scopes: z.array(z.enum(SCOPES)).min(1).max(SCOPES.length),
      })
      .meta({ id: "CreateApiKey" }),
    example: { name: "Shop backend", scopes: ["verifications"] },
    responses: {
      201: {
        description: "Created.",
        schema: keyBody.extend({ key: z.string() }).meta({ id: "CreatedApiKey" }),
      },
    },
    problems: [],
    async handle({ body }) {
      const { key, ...created } = await keys.create(body.name, [...new Set(body.scopes)]);
      return { status: 201, body: { ...toKeyBody(created), key }, outcome: "created" };
    },
  });
}
