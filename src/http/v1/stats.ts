import * as z from "zod";
import { MAX_COUNTED } from "../../journal/exact-stats.ts";
import type { Funnel, Stats, StatsQuery } from "../../journal/funnel.ts";
import { GROUPINGS } from "../../journal/funnel-query.ts";
import type { Journal } from "../../journal/journal.ts";
import { PLATFORM_COST_USD } from "../../journal/platform-cost.ts";
import { DAYS_KEPT, HOURS_KEPT_DAYS } from "../../journal/tallies/stages.ts";
import type { Apps } from "../../keys/apps.ts";
import { type MessagePrices, WHATSAPP_PRICES_DATE } from "../../messages/whatsapp-prices.ts";
import { described, documented } from "../../platform/documented.ts";
import { Problem } from "../../platform/problem.ts";
import { DAY_MS, toIso } from "../../platform/time.ts";
import { defineEndpoint, type Handlers } from "../endpoint.ts";
import { appName, chosenApp } from "./apps.ts";
import { moment } from "./fields.ts";

const count = documented(() => z.int().nonnegative());
const seconds = documented(() => z.number().nullable());
const usd = documented(() => z.number());

const funnelBody = documented(() =>
  z
    .object({
      group: z.string().nullable().meta({
        description:
          "The hour's beginning, or the country, channel or other value that the group shares; null where there is none.",
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
        .meta({ description: "From start to approval, of the approved, by nearest rank." }),
      billed_messages: z
        .record(z.string(), count)
        .meta({ description: "Messages that WhatsApp bills, by its price category." }),
      cost: z.object({
        platform_usd: usd.meta({
          description: "Cloudflare's share, estimated by its price list, nothing deducted.",
        }),
        messages_usd: usd.nullable().meta({
          description:
            "US dollars, by the deployment's own prices (`PRICES`) and, where it has none, Meta's rate card of " +
            `${WHATSAPP_PRICES_DATE} without volume tiers; null for a category that neither has.`,
        }),
      }),
    })
    .meta({ id: "Funnel" }),
);

const statsBody = documented(() =>
  z
    .object({
      from: z.iso.datetime(),
      to: z.iso.datetime(),
      by: z.enum(GROUPINGS),
      counted_from: z.iso.datetime().meta({
        description:
          "Later than `from` where the first part hour has too many verifications to count, and where the journal has " +
          `no hours any more: after ${HOURS_KEPT_DAYS} days it knows whole days. After an upgrade also until older rows are ` +
          "folded: then only the newest ones are counted.",
      }),
      counted_to: z.iso.datetime().meta({
        description:
          "Earlier than `to` where the last part hour has too many verifications to count; then a time some ten " +
          "minutes ago.",
      }),
      percentiles: z.enum(["exact", "bucketed"]).meta({
        description:
          `\`exact\` up to ${MAX_COUNTED.toLocaleString("en")} verifications, of every app; above, at most 7 % off ` +
          "from a second to eleven minutes, as which longer times count.",
      }),
      data: z.array(funnelBody),
    })
    .meta({ id: "Stats" }),
);

export const statsDefinitions = {
  readStats: defineEndpoint({
    operationId: "readStats",
    method: "get",
    path: "/v1/stats",
    scope: "reports",
    docs: documented(() => ({
      summary: "Read statistics",
      description:
        "How many verifications were started, sent, delivered, read and approved, how long users took and what it " +
        `cost, over at most ${DAYS_KEPT} days. Verifications count from when they close, at the time of their start.`,
      responses: { 200: { description: "One funnel a group, in the order of groups.", schema: statsBody } },
      problems: [],
    })),
    query: z.strictObject({
      from: moment
        .optional()
        .meta(
          described({ description: "ISO 8601. A day before `to` unless given.", examples: ["2026-11-23"] }),
        ),
      to: moment.optional().meta(
        described({
          description: "ISO 8601; this moment no longer belongs to it. Now unless given.",
          examples: ["2026-11-24T00:00:00Z"],
        }),
      ),
      app: appName.optional().meta(
        described({
          description:
            "A key with the scope `admin` counts every app, or the one that it names; others count their own.",
        }),
      ),
      by: z
        .enum(GROUPINGS)
        .default("none")
        .meta(
          described({
            description: `What to tell apart; hours are UTC, of the last ${HOURS_KEPT_DAYS} days where there are many verifications.`,
          }),
        ),
    }),
  }),
};

export function statsHandlers(
  journal: Journal,
  apps: Apps,
  prices: MessagePrices,
): Handlers<typeof statsDefinitions> {
  return {
    async readStats({ query: { app: named, by, to = Date.now(), from = to - DAY_MS }, caller }) {
      const detail = invalidRange(from, to);
      if (detail !== null) throw new Problem("invalid_request", { errors: [{ pointer: "/from", detail }] });
      const query = { from, to, by, prices };
      return {
        status: 200,
        body: toStatsBody(query, await journal.stats(chosenApp(caller, named, apps), query)),
        outcome: "counted",
      };
    },
  };
}

/** What is wrong with a range, for the developer who asked for it; null for a valid one. */
function invalidRange(from: number, to: number): string | null {
  if (from >= to) return "It has to be before `to`.";
  return to - from > DAYS_KEPT * DAY_MS ? `At most ${DAYS_KEPT} days before \`to\`.` : null;
}

function toStatsBody({ from, to, by }: StatsQuery, stats: Stats): z.input<typeof statsBody> {
  return {
    from: toIso(from),
    to: toIso(to),
    by,
    counted_from: toIso(stats.countedFrom),
    counted_to: toIso(stats.countedTo),
    percentiles: stats.percentiles,
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
