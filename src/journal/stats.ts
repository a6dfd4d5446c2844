import { type FunnelRow, funnelQuery, type Grouping, IN_RANGE } from "./funnel-query.ts";
import { hourOf } from "./hour.ts";

/** US dollars a message, by price category and by country (ISO 3166-1 alpha-2); `*` is every other country. */
export type MessagePrices = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** The closed verifications of a group, counted. */
export interface Funnel {
  /** What the group has in common, null where that is unknown. An hour is its first millisecond since the epoch. */
  readonly group: string | number | null;
  readonly started: number;
  /** Those of which a provider said that a message got that far. */
  readonly sent: number;
  readonly delivered: number;
  readonly read: number;
  readonly approved: number;
  /** The time from start to approval that half of the approved, or 95 % of them, kept within. */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  /** Messages that their provider charges for, by its price category. */
  readonly billedMessages: Readonly<Record<string, number>>;
  /** What they cost; null when the price of one of them is not known. */
  readonly messagesUsd: number | null;
}

export interface StatsQuery {
  /** Milliseconds since the epoch: started from `from` on, and before `to`. */
  readonly from: number;
  readonly to: number;
  readonly by: Grouping;
  readonly prices: MessagePrices;
}

export interface Stats {
  /** From when on verifications are counted: later than asked for when there are too many. */
  readonly countedFrom: number;
  /** In the order of their groups; exactly one where nothing groups them. */
  readonly funnels: readonly Funnel[];
}

/** How many verifications one answer counts, the newest. This bounds its cost: to half a second, measured. */
export const COUNTED_AT_MOST = 200_000;

const NEWEST_TOO_MANY = `
  SELECT created_at FROM verifications WHERE ${IN_RANGE}
  ORDER BY hour DESC, created_at DESC LIMIT 1 OFFSET ${COUNTED_AT_MOST}`;

const NOTHING: FunnelRow = {
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

/** Counts closed verifications. */
export async function readStats(db: D1Database, { from, to, by, prices }: StatsQuery): Promise<Stats> {
  const tooMany = await db
    .prepare(NEWEST_TOO_MANY)
    .bind(...range(from, to))
    .first<{ created_at: number }>();
  const countedFrom = tooMany === null ? from : tooMany.created_at + 1;
  const query = db.prepare(funnelQuery(by)).bind(...range(countedFrom, to), JSON.stringify(list(prices)));
  const { results } = await query.all<FunnelRow>();
  const rows = results.length === 0 && by === "none" ? [NOTHING] : results;
  return { countedFrom, funnels: rows.map((row) => toFunnel(row, Object.keys(prices).length > 0)) };
}

/** The parameters of {@link IN_RANGE}. */
function range(from: number, to: number): readonly number[] {
  return [from, to, hourOf(from), hourOf(to - 1)];
}

function toFunnel({ key, p50, p95, billed, usd, ...counts }: FunnelRow, hasPrices: boolean): Funnel {
  // Without a table of prices, no bill is a bill that is not known.
  const free = billed === null && hasPrices ? 0 : null;
  return {
    group: key,
    ...counts,
    p50Ms: p50,
    p95Ms: p95,
    billedMessages: billed === null ? {} : JSON.parse(billed),
    messagesUsd: usd ?? free,
  };
}

function list(prices: MessagePrices): readonly (readonly [category: string, country: string, usd: number])[] {
  return Object.entries(prices).flatMap(([category, byCountry]) =>
    Object.entries(byCountry).map(([country, usd]) => [category, country, usd] as const),
  );
}
