import { Buffer } from "node:buffer";
import * as z from "zod";
import { RULE_NAMES } from "../../../guard/rule.ts";
import type { GuardLog, LogPosition } from "../../../journal/guard-log.ts";
import { endpoint } from "../endpoint.ts";
import { pageBody, pageQuery } from "../page.ts";
import { decisionBody, toLoggedBody } from "./body.ts";

const cursor = pageQuery.after.unwrap().transform((text, context): LogPosition => {
  const [, time, id] = /^(\d{1,15})\.(evt_\w+)$/.exec(Buffer.from(text, "base64url").toString()) ?? [];
  if (time !== undefined && id !== undefined) return { createdAt: Number(time), id };
  context.issues.push({ code: "custom", input: text, message: "Give the `next` of the page before." });
  return z.NEVER;
});

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
      after: cursor.optional(),
    }),
    responses: { 200: { description: "A page of decisions.", schema: pageBody(decisionBody) } },
    problems: [],
    async handle({ query: { limit, ...filter } }) {
      const found = await log.decisions({ ...filter, limit: limit + 1 });
      const page = found.slice(0, limit);
      const last = found.length > limit ? page.at(-1) : undefined;
      const next = last ? Buffer.from(`${last.createdAt}.${last.id}`).toString("base64url") : null;
      return { status: 200, body: { data: page.map(toLoggedBody), next }, outcome: "listed" };
    },
  });
}
