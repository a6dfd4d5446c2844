import type { Event } from "../events/event.ts";
import type { AppScope } from "../ids/app-name.ts";
import type { NotificationEvent } from "../notifications/notification.ts";
import type { VerificationEvent } from "../phone-number/event.ts";
import { log } from "../platform/log.ts";
import { DAY_MS } from "../platform/time.ts";
import { type AttemptCounts, type AttemptsQuery, countAttempts } from "./attempts.ts";
import type { JournalFilter, JournalPage } from "./filter.ts";
import type { Stats, StatsQuery } from "./funnel.ts";
import { findPage } from "./page.ts";
import { recordNotifications, recordVerifications } from "./record.ts";
import { makeTables, type Removed, removeBefore } from "./retention.ts";
import { readStats } from "./stats.ts";
import { JournalTables } from "./tables.ts";
import { foldDue } from "./tallies/fold.ts";

/**
 * The history of a deployment in D1: one row per verification, written when it closes, and one per notification,
 * written when it is sent or fails. Later events update the row.
 */
export class Journal {
  readonly #tables: JournalTables;

  constructor(db: D1Database) {
    this.#tables = new JournalTables(db);
  }

  /**
   * Writes the closed verifications among those of the events. Repeats and any order give the same rows. Rejects
   * when D1 fails; then all events may be recorded again.
   */
  record(events: readonly VerificationEvent[]): Promise<void> {
    return recordVerifications(this.#tables, events);
  }

  /** As {@link record}, for notifications. */
  recordNotifications(events: readonly NotificationEvent[]): Promise<void> {
    return recordNotifications(this.#tables, events);
  }

  /** Reads a page of the verifications of an app, or of every app, newest first. */
  list(scope: AppScope, filter: JournalFilter): Promise<JournalPage> {
    return findPage(this.#tables, scope, filter);
  }

  /** Counts the closed verifications of an app, or of every app, by outcome, with their cost. */
  stats(scope: AppScope, query: StatsQuery): Promise<Stats> {
    return readStats(this.#tables, scope, query);
  }

  /** Counts the messages of closed verifications; null for a range with too many of them. */
  countAttempts(scope: AppScope, query: AttemptsQuery): Promise<AttemptCounts | null> {
    return countAttempts(this.#tables, scope, query);
  }

  /** See {@link foldDue}. */
  foldTallies(now: number, retentionDays: number): Promise<void> {
    return foldDue(this.#tables, now, retentionDays);
  }

  /** See {@link makeTables}. */
  makeTables(now: number): Promise<void> {
    return makeTables(this.#tables, now);
  }

  /** See {@link removeBefore}. */
  removeBefore(time: number): Promise<Removed> {
    return removeBefore(this.#tables, time);
  }
}

/** Records a batch of the events queue. Rejects when D1 fails; then the batch is to be retried. */
export async function recordInJournal(journal: Journal, events: readonly Event[]): Promise<void> {
  await Promise.all([
    journal.record(events.filter((event) => event.kind === "verification")),
    journal.recordNotifications(events.filter((event) => event.kind === "notification")),
  ]);
}

/**
 * Removes what is older than the retention, and makes the tables of the next week; for the daily schedule. `now` is in
 * milliseconds since the epoch.
 */
export async function enforceRetention(journal: Journal, retentionDays: number, now: number): Promise<void> {
  // First, because a full database has no room for a table.
  const { rows, tables } = await journal.removeBefore(now - retentionDays * DAY_MS);
  if (rows > 0) log("info", "Old journal rows deleted", { count: rows });
  if (tables.length > 0) log("info", "Old journal tables dropped", { ids: tables });
  await journal.makeTables(now);
}
