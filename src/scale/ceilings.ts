import type { Ceiling } from "./ceiling.ts";
import { JOURNAL_CEILINGS } from "./journal-ceilings.ts";
import type { Plan } from "./plan.ts";
import { SENDING_CEILINGS } from "./sending-ceilings.ts";
import { WEBHOOK_CEILINGS } from "./webhook-ceilings.ts";

const CEILINGS = [...SENDING_CEILINGS, ...JOURNAL_CEILINGS, ...WEBHOOK_CEILINGS];

/** Every ceiling of a plan, in the order in which they are met. */
export function ceilingsOf(plan: Plan): readonly Ceiling[] {
  return CEILINGS.flatMap((find) => find(plan) ?? []).toSorted((a, b) => a.at - b.at);
}
