import * as z from "zod";
import type { AuditEntry, AuditLog } from "../../journal/audit.ts";
import { serializeCursor } from "../../platform/cursor.ts";
import { described, documented } from "../../platform/documented.ts";
import { toIso } from "../../platform/time.ts";
import { defineEndpoint, type Handlers } from "../endpoint.ts";
import { moment } from "./fields.ts";
import { cursorField, pageBody, pageQuery } from "./page.ts";

export const auditBody = documented(() =>
  z
    .object({
      id: z.string(),
      actor: z.string().meta({ description: "The API key's id, or `operator` for `ADMIN_KEY`." }),
      actor_name: z.string(),
      app: z.string().meta({ description: "The app that the actor acted for." }),
      action: z.string().meta({ description: "The operation's id in this description." }),
      target: z
        .string()
        .nullable()
        .meta({ description: "What it was about: ids, a prefix or a masked number." }),
      reason: z.string().nullable(),
      outcome: z.string().nullable().meta({
        description: "What came of it, or the code of the problem; null where the end was not recorded.",
      }),
      created_at: z.iso.datetime(),
    })
    .meta({ id: "AuditEntry" }),
);

export const auditDefinitions = {
  listAuditEntries: defineEndpoint({
    operationId: "listAuditEntries",
    method: "get",
    path: "/v1/audit",
    scope: "admin",
    sharedByApps: "A key with the scope admin sees what was administered, for every app.",
    docs: documented(() => ({
      summary: "List who did what",
      description: "Every administrative write, newest first: who, what, why, when, and what came of it.",
      responses: { 200: { description: "A page of entries.", schema: pageBody(auditBody) } },
      problems: [],
    })),
    query: z.strictObject({
      from: moment.optional().meta(described({ description: "ISO 8601.", examples: ["2026-11-23"] })),
      to: moment
        .optional()
        .meta(described({ description: "ISO 8601; this moment no longer belongs to it." })),
      actor: z
        .string()
        .min(1)
        .max(64)
        .optional()
        .meta(described({ description: "An API key's id, or `operator`." })),
      action: z
        .string()
        .min(1)
        .max(64)
        .optional()
        .meta(described({ examples: ["createKey"] })),
      limit: pageQuery.limit,
      after: cursorField((id) => (/^aud_\w+$/.test(id) ? id : null)).optional(),
    }),
  }),
};

export function auditHandlers(audit: AuditLog): Handlers<typeof auditDefinitions> {
  return {
    async listAuditEntries({ query: { limit, ...filter } }) {
      const found = await audit.list({ ...filter, limit: limit + 1 });
      const page = found.slice(0, limit);
      const last = found.length > limit ? page.at(-1) : undefined;
      const body = { data: page.map(toAuditBody), next: last === undefined ? null : serializeCursor(last) };
      return { status: 200, body, outcome: "listed" };
    },
  };
}

export function toAuditBody(entry: AuditEntry): z.input<typeof auditBody> {
  const { id, actor, actorName, app, action, target, reason, outcome, createdAt } = entry;
  return {
    id,
    actor,
    actor_name: actorName,
    app,
    action,
    target,
    reason,
    outcome,
    created_at: toIso(createdAt),
  };
}
