import type { NotificationEvent, VerificationEvent } from "../event.ts";
import { findPage, type JournalFilter, type JournalPage } from "./page.ts";
import { recordNotifications, recordVerifications } from "./record.ts";
import { readStats, type Stats, type StatsQuery } from "./stats.ts";

/** Deleting goes in steps: none holds the database up for long, and all of one run stay within a run's time. */
const DELETED_A_STEP = 5_000;
const STEPS_A_RUN = 40;

const TABLES = ["verifications", "notifications", "guard_decisions", "guard_audit"] as const;

const deleteOldest = (table: (typeof TABLES)[number]) => `
  DELETE FROM ${table} WHERE (created_at, id) IN (
    SELECT created_at, id FROM ${table} WHERE created_at < ?1 ORDER BY created_at, id LIMIT ${DELETED_A_STEP}
  )`;

/**
 * What became of things, in D1: one row a verification, from the moment it closes, and one a notification, from
 * the moment it is sent.
 */
export class Journal {
  readonly #db: D1Database;

  constructor(db: D1Database) {
    this.#db = db;
  }

  /**
   * Writes down the closed verifications among those that the events are about. Repeats and any order of
   * events end in the same rows. Rejects when D1 does not answer; then all of it may be recorded again.
   */
  record(events: readonly VerificationEvent[]): Promise<void> {
    return recordVerifications(this.#db, events);
  }

  /** Writes down the notifications that the events are about, likewise. */
  recordNotifications(events: readonly NotificationEvent[]): Promise<void> {
    return recordNotifications(this.#db, events);
  }

  /** Reads a page of verifications, newest first. */
  list(filter: JournalFilter): Promise<JournalPage> {
    return findPage(this.#db, filter);
  }

  /** Counts verifications, what became of them and what they cost. */
  stats(query: StatsQuery): Promise<Stats> {
    return readStats(this.#db, query);
  }

  /**
   * Deletes what was asked for before a time (milliseconds since the epoch), the oldest first. Answers how much;
   * the next run deletes what was too much for one.
   */
  async forget(before: number): Promise<number> {
    let forgotten = 0;
    for (const table of TABLES) forgotten += await this.#forget(table, before);
    return forgotten;
  }

  async #forget(table: (typeof TABLES)[number], before: number): Promise<number> {
    const step = this.#db.prepare(deleteOldest(table)).bind(before);
    let forgotten = 0;
    for (let steps = 0; steps < STEPS_A_RUN; steps += 1) {
      const { meta } = await step.run();
      forgotten += meta.changes;
      if (meta.changes < DELETED_A_STEP) break;
    }
    return forgotten;
  }
}
