import type { AppScope } from "../ids/app-name.ts";
import type { ChannelName } from "../messages/message.ts";
import { findCountedFrom } from "./exact-stats.ts";
import { IN_RANGE, range } from "./funnel-query.ts";
import type { JournalTables } from "./tables.ts";

/** Which messages to count, by the verification that they were sent for. */
export interface AttemptsQuery {
  /** Milliseconds since the epoch: verifications started from `from`, inclusive, to `to`, exclusive. */
  readonly from: number;
  readonly to: number;
  readonly purpose: string | null;
  /** ISO 3166-1 alpha-2. */
  readonly country: string | null;
  readonly channel: ChannelName | null;
  /** A country's calling code, such as `62`: the journal stores no more of a number. */
  readonly callingCode: string | null;
}

export interface AttemptCounts {
  /** Messages of verifications that have closed. */
  readonly attempts: number;
  /** Of these: the newest message of an approved verification, which its user is taken to have read. */
  readonly converted: number;
}

const QUERY = `
  SELECT
    coalesce(sum(CASE WHEN ?9 IS NULL THEN sends ELSE (
      SELECT count(*) FROM json_each(messages) WHERE value ->> 'channel' = ?9
    ) END), 0) AS attempts,
    coalesce(sum(status = 'approved' AND sends > 0 AND (?9 IS NULL OR channel = ?9)), 0) AS converted
  FROM verifications
  WHERE ${IN_RANGE} AND (?5 IS NULL OR purpose = ?5) AND (?7 IS NULL OR country = ?7)
    AND (?8 IS NULL OR number_masked GLOB '+' || ?8 || '[*]*')`;

/** Counts the messages of an app, or of every app; null for a range with too many verifications to count. */
export async function countAttempts(
  tables: JournalTables,
  app: AppScope,
  { from, to, purpose, country, channel, callingCode }: AttemptsQuery,
): Promise<AttemptCounts | null> {
  if ((await findCountedFrom(tables, app, from, to)) > from) return null;
  const count = tables.db
    .prepare(QUERY)
    .bind(...range(from, to), purpose, app, country, callingCode, channel);
  return tables.readView("verifications", () => count.first<AttemptCounts>());
}
