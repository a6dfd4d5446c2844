import * as z from "zod";
import type { GuardDecision } from "../../../guard/decision.ts";
import { RULE_NAMES } from "../../../guard/rule.ts";
import { AUDITED_ACTIONS, type AuditEntry, type LoggedDecision } from "../../../journal/guard-log.ts";

const figures = z.record(z.string(), z.union([z.string(), z.number()]));

/** A decision of the guard as its events show it. */
const decision = z.object({
  rule: z.enum(RULE_NAMES),
  code: z.string(),
  refused: z.boolean().meta({ description: "False where it was only recorded." }),
  to: z.string(),
  country: z.string().nullable(),
  purpose: z.string(),
  caller_id: z.string().meta({ description: "The API key." }),
  figures,
  limits: figures,
});

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

/** Spells a decision for an event. */
export function toBody({ callerId, ...rest }: GuardDecision): z.input<typeof decision> {
  return { ...rest, caller_id: callerId };
}

/** Spells a decision out of the journal. */
export function toLoggedBody({ createdAt, ...rest }: LoggedDecision): z.input<typeof decisionBody> {
  return { ...toBody(rest), id: rest.id, created_at: new Date(createdAt).toISOString() };
}

export function toAuditBody({ createdAt, ...rest }: AuditEntry): z.input<typeof auditBody> {
  return { ...rest, created_at: new Date(createdAt).toISOString() };
}
