import { DAY_MS, MINUTE_MS } from "../../platform/time.ts";

/** How often old recipients are deleted. Until then {@link DailyRecipients.add} and `counts` have them. */
const DELETE_EVERY_MS = MINUTE_MS;

/**
 * Counts the recipients of each sender of the last day, by keyed tags, in the database of an object. The counts are beside
 * the recipients, so that nothing reads them all.
 */
export class DailyRecipients {
  readonly #sql: SqlStorage;
  #isReady = false;
  #deletedAt = 0;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Adds recipients of a sender, and returns how many it has had. */
  add(sender: string, tags: readonly string[], now: number): number {
    this.#prepare(now);
    let added = 0;
    for (const tag of tags) {
      const known = this.#sql.exec("SELECT 1 FROM recipients WHERE sender = ? AND tag = ?", sender, tag);
      if (known.toArray().length === 0) added += 1;
      this.#sql.exec("INSERT OR REPLACE INTO recipients VALUES (?, ?, ?)", sender, tag, now);
    }
    return this.#change(sender, added);
  }

  /** How many recipients a sender has had, without those that are too old by now. */
  recount(sender: string, now: number): number {
    const sql = "DELETE FROM recipients WHERE sender = ? AND at <= ? RETURNING 1";
    return this.#change(sender, -this.#sql.exec(sql, sender, now - DAY_MS).toArray().length);
  }

  /** When the oldest of a sender's recipients got its last message; null without any. */
  first(sender: string): number | null {
    return this.#sql
      .exec<{ at: number | null }>("SELECT min(at) AS at FROM recipients WHERE sender = ?", sender)
      .one().at;
  }

  /** The counts by sender. */
  counts(now: number): Readonly<Record<string, number>> {
    this.#prepare(now);
    const rows = this.#sql.exec<{ sender: string; count: number }>(
      "SELECT * FROM recipient_counts WHERE count > 0",
    );
    return Object.fromEntries([...rows].map(({ sender, count }) => [sender, count]));
  }

  #prepare(now: number): void {
    if (!this.#isReady) this.#createTables();
    this.#isReady = true;
    if (now - this.#deletedAt < DELETE_EVERY_MS) return;
    this.#deletedAt = now;
    for (const { sender } of this.#sql
      .exec<{ sender: string }>("SELECT sender FROM recipient_counts")
      .toArray()) {
      this.recount(sender, now);
    }
  }

  #change(sender: string, by: number): number {
    if (by === 0) {
      const count = "SELECT sum(count) AS count FROM recipient_counts WHERE sender = ?";
      return this.#sql.exec<{ count: number | null }>(count, sender).one().count ?? 0;
    }
    const sql = `INSERT INTO recipient_counts VALUES (?, ?)
      ON CONFLICT (sender) DO UPDATE SET count = count + excluded.count RETURNING count`;
    return this.#sql.exec<{ count: number }>(sql, sender, by).one().count;
  }

  #createTables(): void {
    this.#sql.exec(
      "CREATE TABLE IF NOT EXISTS recipients (sender TEXT, tag TEXT, at INTEGER, PRIMARY KEY (sender, tag)) WITHOUT ROWID",
    );
    const counts = this.#sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'recipient_counts'").toArray();
    if (counts.length > 0) return;
    this.#sql.exec("CREATE INDEX recipients_by_time ON recipients (sender, at)");
    this.#sql.exec("CREATE TABLE recipient_counts (sender TEXT PRIMARY KEY, count INTEGER) WITHOUT ROWID");
    // Of an earlier version, which counted them each time.
    this.#sql.exec("INSERT INTO recipient_counts SELECT sender, count(*) FROM recipients GROUP BY sender");
  }
}
