import * as z from "zod";
import { AUDITED_ACTIONS, type AuditEntry, type LoggedDecision } from "../../../journal/guard-log.ts";
import { toIso } from "../../../platform/time.ts";
import { decision, toDecisionBody } from "../../../wire/guard-decision.ts";

export const decisionBody = decision
  .extend({ id: z.string(), created_at: z.iso.datetime() })
  .meta({ id: "GuardDecision" });

export const auditBody = z
  .object({
    id: z.string(),
    action: z.enum(AUDITED_ACTIONS),
    target: z.string(),
    actor: z.string(),
    reason: z.string(),
    changed: z.boolean().meta({ description: "False where there was nothing to undo." }),
    created_at: z.iso.datetime(),
  })
  .meta({ id: "GuardAuditEntry" });

/** Spells a decision out of the journal. */
export function toLoggedBody({ createdAt, ...rest }: LoggedDecision): z.input<typeof decisionBody> {
  return { ...toDecisionBody(rest), id: rest.id, created_at: toIso(createdAt) };
}

export function toAuditBody({ createdAt, ...rest }: AuditEntry): z.input<typeof auditBody> {
  return { ...rest, created_at: toIso(createdAt) };
}
