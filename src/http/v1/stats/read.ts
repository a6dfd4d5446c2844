import * as z from "zod";
import { GROUPINGS } from "../../../journal/funnel-query.ts";
import type { Journal } from "../../../journal/journal.ts";
import type { MessagePrices } from "../../../journal/stats.ts";
import { Problem } from "../../../platform/problem.ts";
import { endpoint } from "../endpoint.ts";
import { statsBody, toStatsBody } from "./body.ts";
import { faultOf, rangeOf, rangeQuery } from "./range.ts";

export function readStats(journal: Journal, prices: MessagePrices = {}) {
  return endpoint({
    operationId: "readStats",
    method: "get",
    path: "/v1/stats",
    scope: "reports",
    summary: "Read statistics",
    description:
      "How many verifications were started, sent, delivered, read and approved, how long users took and what it " +
      "cost, over at most 31 days. Verifications count from when they close, at the time of their start.",
    query: z.strictObject({
      ...rangeQuery,
      by: z.enum(GROUPINGS).default("none").meta({ description: "What to tell apart; hours are UTC." }),
    }),
    responses: { 200: { description: "One funnel a group, in the order of groups.", schema: statsBody } },
    problems: [],
    async handle({ query: { by, ...given } }) {
      const range = rangeOf(given, Date.now());
      const fault = faultOf(range);
      if (fault !== null)
        throw new Problem("invalid_request", { errors: [{ pointer: "/from", detail: fault }] });
      const asked = { ...range, by, prices };
      return { status: 200, body: toStatsBody(asked, await journal.stats(asked)), outcome: "counted" };
    },
  });
}
