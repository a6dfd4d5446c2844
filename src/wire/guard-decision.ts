import * as z from "zod";
import type { GuardDecision } from "../guard/decision.ts";
import { RULE_NAMES } from "../guard/rule.ts";
import { documented } from "../platform/documented.ts";

const figures = documented(() => z.record(z.string(), z.union([z.string(), z.number()])));

/** A decision of the guard, as its events and the list of decisions show it. */
export const decision = documented(() =>
  z.object({
    rule: z.enum(RULE_NAMES),
    code: z.string(),
    refused: z.boolean().meta({ description: "False where the decision was only recorded." }),
    to: z.string(),
    country: z.string().nullable(),
    app: z.string(),
    purpose: z.string(),
    caller_id: z.string().meta({ description: "The id of the API key." }),
    figures,
    limits: figures,
  }),
);

export function toDecisionBody(guardDecision: GuardDecision): z.input<typeof decision> {
  const { callerId, ...rest } = guardDecision;
  return { ...rest, caller_id: callerId };
}
