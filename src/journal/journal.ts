import type { NotificationEvent } from "../notifications/notification.ts";
import type { VerificationEvent } from "../phone-number/event.ts";
import { hourOf } from "./hour.ts";
import { findPage, type JournalFilter, type JournalPage } from "./page.ts";
import { recordNotifications, recordVerifications } from "./record.ts";
import { readStats, type Stats, type StatsQuery } from "./stats.ts";

/** Deleting goes in steps: none holds the database up for long, and all of one run stay within a run's time. */
const DELETED_A_STEP = 5_000;
const STEPS_A_RUN = 40;

/** A table, whose rows are found by time with the first column of its key. */
interface Kept {
  readonly table: string;
  readonly key: readonly [time: string, ...rest: string[]];
  /** A time (milliseconds since the epoch) as that column counts it. */
  readonly spell: (time: number) => number;
}

const byTime = { key: ["created_at", "id"], spell: (time: number) => time } as const;

const KEPT: readonly Kept[] = [
  { table: "verifications", key: ["hour", "number_tag", "id"], spell: hourOf },
  { table: "notifications", ...byTime },
  { table: "guard_decisions", ...byTime },
  { table: "guard_audit", ...byTime },
];

function deleteOldest({ table, key }: Kept): string {
  const columns = key.join(", ");
  return `
    DELETE FROM ${table} WHERE (${columns}) IN (
      SELECT ${columns} FROM ${table} WHERE ${key[0]} < ?1 ORDER BY ${columns} LIMIT ${DELETED_A_STEP}
    )`;
}

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
   * Deletes what was asked for before a time (milliseconds since the epoch), the oldest first; verifications by
   * whole hours. Answers how much; the next run deletes what was too much for one.
   */
  async forget(before: number): Promise<number> {
    let forgotten = 0;
    for (const kept of KEPT) forgotten += await this.#forget(kept, before);
    return forgotten;
  }

  async #forget(kept: Kept, before: number): Promise<number> {
    const step = this.#db.prepare(deleteOldest(kept)).bind(kept.spell(before));
    let forgotten = 0;
    for (let steps = 0; steps < STEPS_A_RUN; steps += 1) {
      const { meta } = await step.run();
      forgotten += meta.changes;
      if (meta.changes < DELETED_A_STEP) break;
    }
    return forgotten;
  }
}
