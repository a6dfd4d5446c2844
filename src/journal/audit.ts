import { type AppName, storedAppName } from "../ids/app-name.ts";
import type { ListPosition } from "../platform/cursor.ts";

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

/** The audit log in D1. */
export class AuditLog {
  readonly #db: D1Database;

  constructor(db: D1Database) {
    this.#db = db;
  }

  /** Stores an entry before the act, so that no act goes unrecorded. Rejects when D1 fails. */
  async begin(entry: AuditEntry): Promise<void> {
    const { createdAt, id, actor, actorName, app, action, target, reason, outcome } = entry;
    await this.#db
      .prepare(
        `INSERT INTO audit (created_at, id, actor, actor_name, app, action, target, reason, outcome)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)`,
      )
      .bind(createdAt, id, actor, actorName, app, action, target, reason, outcome)
      .run();
  }

  /** Adds what came of the act, and of what it was about where only the act could tell. Rejects when D1 fails. */
  async end({ createdAt, id, target, outcome }: AuditEntry): Promise<void> {
    await this.#db
      .prepare("UPDATE audit SET target = ?3, outcome = ?4 WHERE created_at = ?1 AND id = ?2")
      .bind(createdAt, id, target, outcome)
      .run();
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
