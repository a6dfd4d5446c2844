import type { ApiKeys } from "../../../keys/api-keys.ts";
import { Problem } from "../../../platform/problem.ts";
import { endpoint } from "../endpoint.ts";

export function revokeKey(keys: ApiKeys) {
  return endpoint({
    operationId: "revokeKey",
    method: "delete",
    path: "/v1/keys/{id}",
    scope: "admin",
    summary: "Revoke an API key",
    description: "It stops working everywhere within two minutes.",
    responses: { 204: { description: "Revoked." } },
    problems: ["not_found"],
    async handle({ id }) {
      if (!(await keys.revoke(id))) throw new Problem("not_found");
      return { status: 204, outcome: "revoked" };
    },
  });
}
