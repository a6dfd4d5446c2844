import type { VerificationEvent } from "../event.ts";
import { findPage, type JournalFilter, type JournalPage } from "./page.ts";
import { record } from "./record.ts";
import { readStats, type Stats, type StatsQuery } from "./stats.ts";

/** Deleting goes in steps: none holds the database up for long, and all of one run stay within a run's time. */
const DELETED_A_STEP = 5_000;
const STEPS_A_RUN = 40;

const DELETE_OLDEST = `
  DELETE FROM verifications WHERE (created_at, id) IN (
    SELECT created_at, id FROM verifications WHERE created_at < ?1 ORDER BY created_at, id LIMIT ${DELETED_A_STEP}
  )`;

/** What became of each verification, in D1: one row a verification, from the moment it closes. */
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
    return record(this.#db, events);
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
   * Deletes verifications that were started before a time (milliseconds since the epoch), the oldest first.
   * Answers how many; the next run deletes what was too much for one.
   */
  async forget(before: number): Promise<number> {
    const step = this.#db.prepare(DELETE_OLDEST).bind(before);
    let forgotten = 0;
    for (let steps = 0; steps < STEPS_A_RUN; steps += 1) {
      const { meta } = await step.run();
      forgotten += meta.changes;
      if (meta.changes < DELETED_A_STEP) break;
    }
    return forgotten;
  }
}
