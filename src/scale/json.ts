import type { Report } from "./report.ts";

/** A report as `--json` prints it; rates are verifications a second, dollars are of a month. */
export function toJson({ plan, peak, ceilings, others, senders, dollars }: Report): object {
  return {
    rate: plan.rate,
    peak,
    endpoints: plan.endpoints,
    batches: plan.hasBatches,
    retention_days: plan.retentionDays,
    first: ceilings[0]?.id ?? null,
    ceilings,
    others,
    senders: { configured: plan.senders, messages_per_second: plan.pace, needed: senders },
    usd_a_month: dollars,
  };
}
