import { hourOf } from "./rows.ts";

/** What statistics can be grouped by. `hour` is the hour of the start, in UTC. */
export const GROUPINGS = [
  "none",
  "hour",
  "country",
  "channel",
  "template",
  "purpose",
  "app",
  "sender",
  "language",
  "error",
] as const;
export type Grouping = (typeof GROUPINGS)[number];

const KEYS: Readonly<Record<Grouping, string>> = {
  none: "NULL",
  hour: "hour * 3600000",
  country: "country",
  channel: "channel",
  template: "template",
  purpose: "purpose",
  app: "app",
  sender: "sender",
  language: "language",
  error: "error_code",
};

/**
 * The range of every query of the statistics: created from ?1, inclusive, to ?2, exclusive. The hours ?3 and ?4 are
 * those of the range, which the primary key starts with; ?6 is the app, null for every app. Test numbers are left out: nothing was sent to them.
 */
export const IN_RANGE =
  "hour BETWEEN ?3 AND ?4 AND created_at >= ?1 AND created_at < ?2 AND test = 0 AND (?6 IS NULL OR app = ?6)";

/** The parameters ?1 to ?4 of {@link IN_RANGE}. */
export function range(from: number, to: number): readonly [number, number, number, number] {
  return [from, to, hourOf(from), hourOf(to - 1)];
}

/** A row of {@link funnelQuery}. */
export interface FunnelRow {
  readonly key: string | number | null;
  readonly started: number;
  readonly sent: number;
  readonly delivered: number;
  readonly read: number;
  readonly approved: number;
  readonly p50: number | null;
  readonly p95: number | null;
  /** JSON: billed messages by price category. */
  readonly billed: string | null;
  readonly usd: number | null;
}

/**
 * Builds the query for the funnel of each group, in one pass over the range. Its parameter ?5 is the price table, a
 * JSON list of `[country, category, usd]` where the country `*` is every other one.
 *
 * Percentiles are exact, by nearest rank: of n sorted times, the one at position ceil(n * p). Keys are compared with
 * IS because the key of a group can be NULL.
 */
export function funnelQuery(by: Grouping): string {
  return `
    WITH counted AS MATERIALIZED (
      SELECT ${KEYS[by]} AS key, status, sent_at, delivered_at, read_at, closed_at - created_at AS ms,
        country, price_category AS category, billed_messages AS billed
      FROM verifications WHERE ${IN_RANGE}
    ),
    ranked AS (
      SELECT key, ms, row_number() OVER (PARTITION BY key ORDER BY ms) AS place,
        count(*) OVER (PARTITION BY key) AS n
      FROM counted WHERE status = 'approved'
    ),
    times AS (
      SELECT key, max(CASE WHEN place = (n * 50 + 99) / 100 THEN ms END) AS p50,
        max(CASE WHEN place = (n * 95 + 99) / 100 THEN ms END) AS p95
      FROM ranked GROUP BY key
    ),
    prices AS MATERIALIZED (
      SELECT value ->> 0 AS country, value ->> 1 AS category, value ->> 2 AS usd FROM json_each(?5)
    ),
    billed AS MATERIALIZED (
      SELECT key, category, replace(category, '_', '-') AS priced_as, country, sum(billed) AS messages
      FROM counted WHERE billed > 0 GROUP BY key, category, country
    ),
    bills AS (
      SELECT key, billed.category, sum(messages) AS messages,
        sum(messages * coalesce(here.usd, elsewhere.usd)) AS usd,
        count(coalesce(here.usd, elsewhere.usd)) = count(*) AS is_priced
      FROM billed
      LEFT JOIN prices AS here ON here.category = priced_as AND here.country = billed.country
      LEFT JOIN prices AS elsewhere ON elsewhere.category = priced_as AND elsewhere.country = '*'
      GROUP BY key, billed.category
    ),
    costs AS (
      SELECT key, json_group_object(category, messages) AS billed, CASE WHEN min(is_priced) THEN sum(usd) END AS usd
      FROM bills GROUP BY key
    ),
    counts AS (
      SELECT key, count(*) AS started, count(sent_at) AS sent, count(delivered_at) AS delivered,
        count(read_at) AS read, sum(status = 'approved') AS approved
      FROM counted GROUP BY key
    )
    SELECT counts.*, p50, p95, billed, usd FROM counts
    LEFT JOIN times ON times.key IS counts.key
    LEFT JOIN costs ON costs.key IS counts.key
    ORDER BY counts.key`;
}
