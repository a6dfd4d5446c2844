import * as z from "zod";
import type { ApiKeys } from "../../../keys/api-keys.ts";
import { endpoint } from "../endpoint.ts";
import { pageBody, pageQuery } from "../page.ts";
import { keyBody, toKeyBody } from "./body.ts";

export function listKeys(keys: ApiKeys) {
  return endpoint({
    operationId: "listKeys",
    method: "get",
    path: "/v1/keys",
    scope: "admin",
    summary: "List API keys",
    description: "Without their secrets, a page at a time.",
    query: z.strictObject(pageQuery),
    responses: { 200: { description: "A page of keys.", schema: pageBody(keyBody) } },
    problems: [],
    async handle({ query }) {
      const page = await keys.list(query.limit, query.after ?? null);
      return { status: 200, body: { data: page.keys.map(toKeyBody), next: page.next }, outcome: "listed" };
    },
  });
}
