import type { MessagePrices } from "../messages/whatsapp-prices.ts";
import type { FunnelRow, Grouping } from "./funnel-query.ts";

/** Counts of the closed verifications of one group. */
export interface Funnel {
  /** The value that the group shares, null where it is unknown. An hour is its first millisecond since the epoch. */
  readonly group: string | number | null;
  readonly started: number;
  /** Verifications with at least one message that its provider reported as sent, or as anything later. */
  readonly sent: number;
  readonly delivered: number;
  readonly read: number;
  readonly approved: number;
  /** Percentiles of the time from start to approval, in milliseconds; null without an approval. */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  /** Messages that the provider bills, by its price category. */
  readonly billedMessages: Readonly<Record<string, number>>;
  /** The cost of the billed messages; null when the price of any of them is unknown. */
  readonly messagesUsd: number | null;
}

export interface StatsQuery {
  /** Milliseconds since the epoch: verifications started from `from`, inclusive, to `to`, exclusive. */
  readonly from: number;
  readonly to: number;
  readonly by: Grouping;
  readonly prices: MessagePrices;
}

export interface Stats {
  /** The counted part of the range. */
  readonly countedFrom: number;
  readonly countedTo: number;
  /** Computed from the times themselves, or from a histogram of them; then at most 7 % off up to eleven minutes. */
  readonly percentiles: "exact" | "bucketed";
  /** In the order of their groups; exactly one for the grouping `none`. */
  readonly funnels: readonly Funnel[];
}

const EMPTY: FunnelRow = {
  key: null,
  started: 0,
  sent: 0,
  delivered: 0,
  read: 0,
  approved: 0,
  p50: null,
  p95: null,
  billed: null,
  usd: null,
};

export function toFunnels(rows: readonly FunnelRow[], { by, prices }: StatsQuery): readonly Funnel[] {
  const hasPrices = Object.keys(prices).length > 0;
  return (rows.length === 0 && by === "none" ? [EMPTY] : rows).map((row) => toFunnel(row, hasPrices));
}

function toFunnel({ key, p50, p95, billed, usd, ...counts }: FunnelRow, hasPrices: boolean): Funnel {
  // Without a price table the cost is unknown, even when no message was billed.
  const unbilled = billed === null && hasPrices ? 0 : null;
  return {
    group: key,
    ...counts,
    p50Ms: p50,
    p95Ms: p95,
    billedMessages: billed === null ? {} : JSON.parse(billed),
    messagesUsd: usd ?? unbilled,
  };
}
