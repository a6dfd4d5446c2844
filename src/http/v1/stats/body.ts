import * as z from "zod";
import { GROUPINGS } from "../../../journal/funnel-query.ts";
import { PLATFORM_COST_USD } from "../../../journal/platform-cost.ts";
import { type Funnel, MAX_COUNTED, type Stats, type StatsQuery } from "../../../journal/stats.ts";
import { toIso } from "../../../platform/time.ts";

const time = z.iso.datetime();
const count = z.int().nonnegative();
const seconds = z.number().nullable();
const usd = z.number();

const funnelBody = z
  .object({
    group: z.string().nullable().meta({
      description:
        "The hour's beginning, the country, the channel or the template; null where there is none.",
    }),
    started: count.meta({ description: "Verifications that were started and have closed." }),
    sent: z
      .int()
      .meta({ description: "Of these: with a message that its provider reports as sent, or further." }),
    delivered: count,
    read: count.meta({ description: "Users who switched read receipts off are missing here." }),
    approved: count,
    conversion: z.number().nullable().meta({ description: "Approved out of started, 0 to 1." }),
    seconds_to_verify: z
      .object({ p50: seconds, p95: seconds })
      .meta({ description: "From start to approval, of the approved; exact, by nearest rank." }),
    billed_messages: z
      .record(z.string(), count)
      .meta({ description: "Messages that WhatsApp bills, by its price category." }),
    cost: z.object({
      platform_usd: usd.meta({
        description: "Cloudflare's share, estimated by its price list, nothing deducted.",
      }),
      messages_usd: usd
        .nullable()
        .meta({ description: "By the deployment's price table; null when a price is missing there." }),
    }),
  })
  .meta({ id: "Funnel" });

export const statsBody = z
  .object({
    from: time,
    to: time,
    by: z.enum(GROUPINGS),
    counted_from: time.meta({
      description:
        `Later than \`from\` when there were more than ${MAX_COUNTED.toLocaleString("en")} verifications: ` +
        "then only the newest are counted, those started from here on. Ask for a shorter time.",
    }),
    data: z.array(funnelBody),
  })
  .meta({ id: "Stats" });

/** Spells statistics for the wire. */
export function toStatsBody({ from, to, by }: StatsQuery, stats: Stats): z.input<typeof statsBody> {
  return {
    from: toIso(from),
    to: toIso(to),
    by,
    counted_from: toIso(stats.countedFrom),
    data: stats.funnels.map(toFunnelBody),
  };
}

function toFunnelBody(funnel: Funnel): z.input<typeof funnelBody> {
  const { group, started, sent, delivered, read, approved } = funnel;
  return {
    group: typeof group === "number" ? toIso(group) : group,
    started,
    sent,
    delivered,
    read,
    approved,
    conversion: started === 0 ? null : approved / started,
    seconds_to_verify: { p50: toSeconds(funnel.p50Ms), p95: toSeconds(funnel.p95Ms) },
    billed_messages: { ...funnel.billedMessages },
    cost: { platform_usd: started * PLATFORM_COST_USD, messages_usd: funnel.messagesUsd },
  };
}

function toSeconds(milliseconds: number | null): number | null {
  return milliseconds === null ? null : milliseconds / 1000;
}
