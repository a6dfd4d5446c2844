import { type AppName, storedAppName } from "../ids/app-name.ts";
import type { ListPosition } from "../platform/cursor.ts";
import { log } from "../platform/log.ts";

/** One administrative write: who, what, why, when. */
export interface AuditEntry extends ListPosition {
  /** The API key's id, or `operator`. */
  readonly actor: string;
  readonly actorName: string;
  /** The app that the actor acted for. */
  readonly app: AppName;
  /** The operation's id in the API's description. */
  readonly action: string;
  /** What it was about: ids, a prefix or a masked number. */
  readonly target: string | null;
  readonly reason: string | null;
  /** What came of it, in a word; null until that is known. */
  readonly outcome: string | null;
}

export interface AuditFilter {
  /** From this time, inclusive, to `to`, exclusive, in milliseconds since the epoch. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
  /** Where the previous page ended. */
  readonly after?: ListPosition | undefined;
  readonly limit: number;
}

interface AuditRow {
  readonly created_at: number;
  readonly id: string;
  readonly actor: string;
  readonly actor_name: string;
  readonly app: string;
  readonly action: string;
  readonly target: string | null;
  readonly reason: string | null;
  readonly outcome: string | null;
}

/** An entry on the queue of events. */
export interface AuditMessage {
  readonly kind: "audit";
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly entry: AuditEntry;
}

/** In any order, and repeatedly: what came of an act is known at its end. */
const UPSERT = `
  INSERT INTO audit (created_at, id, actor, actor_name, app, action, target, reason, outcome)
  SELECT value ->> 'createdAt', value ->> 'id', value ->> 'actor', value ->> 'actorName', value ->> 'app',
    value ->> 'action', value ->> 'target', value ->> 'reason', value ->> 'outcome'
  FROM json_each(?1) WHERE true
  ON CONFLICT (created_at, id) DO UPDATE
  SET target = coalesce(excluded.target, target), outcome = coalesce(excluded.outcome, outcome)`;

/** The audit log in D1. */
export class AuditLog {
  readonly #db: D1Database;

  constructor(db: D1Database) {
    this.#db = db;
  }

  /** Stores entries; repeats, and the states of an entry in any order, give the same row. Rejects when D1 fails. */
  async store(entries: readonly AuditEntry[]): Promise<void> {
    await this.#db.prepare(UPSERT).bind(JSON.stringify(entries)).run();
  }

  /** Reads a page of entries, newest first. */
  async list({ from, to, actor, action, after, limit }: AuditFilter): Promise<readonly AuditEntry[]> {
    const { results } = await this.#db
      .prepare(
        `SELECT * FROM audit
         WHERE created_at >= ?1 AND created_at < ?2 AND (?3 IS NULL OR actor = ?3) AND (?4 IS NULL OR action = ?4)
           AND (created_at, id) < (?5, ?6)
         ORDER BY created_at DESC, id DESC LIMIT ?7`,
      )
      .bind(
        from ?? 0,
        to ?? Number.MAX_SAFE_INTEGER,
        actor ?? null,
        action ?? null,
        after?.createdAt ?? Number.MAX_SAFE_INTEGER,
        after?.id ?? "",
        limit,
      )
      .all<AuditRow>();
    return results.map(({ created_at: createdAt, actor_name: actorName, app, ...row }) => ({
      ...row,
      createdAt,
      actorName,
      app: storedAppName(app),
    }));
  }
}

/**
 * Records administrative acts: in the log, and while the log's database is full or down on the queue of events, whose
 * consumer stores them once it can. So an act in an emergency is neither refused nor forgotten.
 */
export class AuditRecorder {
  readonly #log: AuditLog;
  readonly #queue: Queue;

  constructor(auditLog: AuditLog, queue: Queue) {
    [this.#log, this.#queue] = [auditLog, queue];
  }

  /** Rejects when neither the database nor the queue takes the entry. */
  async record(entry: AuditEntry): Promise<void> {
    try {
      await this.#log.store([entry]);
    } catch (error) {
      log("warn", "Audit entry waits on the queue", { error: String(error) });
      await this.#queue.send({ kind: "audit", at: entry.createdAt, entry } satisfies AuditMessage);
    }
  }
}
