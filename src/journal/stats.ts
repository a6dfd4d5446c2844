import type { AppScope } from "../ids/app-name.ts";
import { priceRows } from "../messages/prices.ts";
import type { MessagePrices } from "../messages/whatsapp-prices.ts";
import { type FunnelRow, funnelQuery, type Grouping, IN_RANGE } from "./funnel-query.ts";
import { hourOf } from "./rows.ts";

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
  /** The start of the counted range: later than `from` when there are more than {@link MAX_COUNTED} verifications. */
  readonly countedFrom: number;
  /** In the order of their groups; exactly one for the grouping `none`. */
  readonly funnels: readonly Funnel[];
}

/** A query counts this many verifications at most, the newest ones: this bounds it to half a second, as measured. */
export const MAX_COUNTED = 200_000;

const NEWEST_UNCOUNTED = `
  SELECT created_at FROM verifications WHERE ${IN_RANGE}
  ORDER BY hour DESC, created_at DESC LIMIT 1 OFFSET ${MAX_COUNTED}`;

const EMPTY_FUNNEL: FunnelRow = {
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

/** Counts the closed verifications of a range, by group. */
export async function readStats(
  db: D1Database,
  app: AppScope,
  { from, to, by, prices }: StatsQuery,
): Promise<Stats> {
  const countedFrom = await findCountedFrom(db, app, from, to);
  const { results } = await db
    .prepare(funnelQuery(by))
    .bind(...range(countedFrom, to), JSON.stringify(priceRows(prices)), app)
    .all<FunnelRow>();
  const rows = results.length === 0 && by === "none" ? [EMPTY_FUNNEL] : results;
  return { countedFrom, funnels: rows.map((row) => toFunnel(row, Object.keys(prices).length > 0)) };
}

/** The start of the counted part of a range. */
export async function findCountedFrom(
  db: D1Database,
  app: AppScope,
  from: number,
  to: number,
): Promise<number> {
  const uncounted = await db
    .prepare(NEWEST_UNCOUNTED)
    .bind(...range(from, to), null, app)
    .first<{ created_at: number }>();
  return uncounted === null ? from : uncounted.created_at + 1;
}

/** The parameters of {@link IN_RANGE}. */
export function range(from: number, to: number): readonly number[] {
  return [from, to, hourOf(from), hourOf(to - 1)];
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
