import * as z from "zod";
import { RULE_NAMES } from "../../../guard/rule.ts";
import type { GuardLog } from "../../../journal/guard-log.ts";
import { serializeCursor } from "../../../platform/cursor.ts";
import { endpoint } from "../endpoint.ts";
import { cursorField, pageBody, pageQuery } from "../page.ts";
import { decisionBody, toLoggedBody } from "./body.ts";

const after = cursorField((id) => (/^evt_\w+$/.test(id) ? id : null));

export function listDecisions(log: GuardLog) {
  return endpoint({
    operationId: "listGuardDecisions",
    method: "get",
    path: "/v1/guard/decisions",
    scope: "reports",
    summary: "List what the guard refused",
    description: "Newest first: every refusal and every send that would have been refused, with its figures.",
    query: z.strictObject({
      rule: z.enum(RULE_NAMES).optional(),
      limit: pageQuery.limit,
      after: after.optional(),
    }),
    responses: { 200: { description: "A page of decisions.", schema: pageBody(decisionBody) } },
    problems: [],
    async handle({ query: { limit, ...filter } }) {
      const found = await log.decisions({ ...filter, limit: limit + 1 });
      const page = found.slice(0, limit);
      const last = found.length > limit ? page.at(-1) : undefined;
      const next = last ? serializeCursor(last) : null;
      return { status: 200, body: { data: page.map(toLoggedBody), next }, outcome: "listed" };
    },
  });
}
