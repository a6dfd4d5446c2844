import * as z from "zod";
import type { GuardDecision, GuardEvent } from "../guard/decision.ts";
import { type AppScope, storedAppName } from "../ids/app-name.ts";
import type { ListPosition } from "../platform/cursor.ts";

export interface LoggedDecision extends GuardDecision, ListPosition {}

export const AUDITED_ACTIONS = ["unblock", "unlock", "list_add", "list_remove"] as const;

/** An action of an operator: who, when, why. */
export interface AuditEntry extends ListPosition {
  readonly action: (typeof AUDITED_ACTIONS)[number];
  /** A range, a prefix, a masked number, or the tag of a network. */
  readonly target: string;
  /** The API key's id. */
  readonly actor: string;
  readonly reason: string;
  /** False when there was nothing to undo. */
  readonly changed: boolean;
}

const INSERT = `
  INSERT OR IGNORE INTO guard_decisions
    (created_at, id, rule, code, refused, number_masked, country, purpose, caller_id, figures, limits, app)
  SELECT value ->> 'at', value ->> 'id', value ->> '$.decision.rule', value ->> '$.decision.code',
    value ->> '$.decision.refused', value ->> '$.decision.to', value ->> '$.decision.country',
    value ->> '$.decision.purpose', value ->> '$.decision.callerId', value -> '$.decision.figures',
    value -> '$.decision.limits', value ->> '$.decision.app'
  FROM json_each(?1)`;

const figures = z.record(z.string(), z.union([z.string(), z.number()]));

interface DecisionRow {
  readonly created_at: number;
  readonly id: string;
  readonly rule: GuardDecision["rule"];
  readonly code: GuardDecision["code"];
  readonly refused: number;
  readonly number_masked: string;
  readonly country: string | null;
  readonly app: string;
  readonly purpose: string;
  readonly caller_id: string;
  readonly figures: string;
  readonly limits: string;
}

/** The guard's part of the journal: its decisions and the audit log of operators. */
export class GuardLog {
  readonly #db: D1Database;

  constructor(db: D1Database) {
    this.#db = db;
  }

  /** Records decisions; a repeated event changes nothing. Rejects when D1 fails. */
  async record(events: readonly GuardEvent[]): Promise<void> {
    if (events.length === 0) return;
    const rows = events.map(({ id, at, decision }) => ({ id, at, decision }));
    await this.#db.prepare(INSERT).bind(JSON.stringify(rows)).run();
  }

  /** Reads a page of decisions, newest first. */
  async decisions(filter: {
    readonly app: AppScope;
    readonly rule?: string | undefined;
    readonly after?: ListPosition | undefined;
    readonly limit: number;
  }): Promise<readonly LoggedDecision[]> {
    const { app, rule = null, after, limit } = filter;
    const { results } = await this.#db
      .prepare(
        `SELECT * FROM guard_decisions
         WHERE (?1 IS NULL OR rule = ?1) AND (?2 IS NULL OR (created_at, id) < (?2, ?3))
           AND (?5 IS NULL OR app = ?5)
         ORDER BY created_at DESC, id DESC LIMIT ?4`,
      )
      .bind(rule, after?.createdAt ?? null, after?.id ?? null, limit, app)
      .all<DecisionRow>();
    return results.map(fromDecisionRow);
  }

  /**
   * Writes an audit entry, replacing the one with the same id: the caller writes it before the action, so that no
   * action goes unrecorded, and again after it with the result.
   */
  async audit({ createdAt, id, action, target, actor, reason, changed }: AuditEntry): Promise<void> {
    await this.#db
      .prepare("INSERT OR REPLACE INTO guard_audit VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")
      .bind(createdAt, id, action, target, actor, reason, changed ? 1 : 0)
      .run();
  }
}

function fromDecisionRow(row: DecisionRow): LoggedDecision {
  const { id, rule, code, country, purpose } = row;
  return {
    id,
    rule,
    code,
    country,
    purpose,
    createdAt: row.created_at,
    refused: row.refused === 1,
    app: storedAppName(row.app),
    callerId: row.caller_id,
    to: row.number_masked,
    figures: figures.parse(JSON.parse(row.figures)),
    limits: figures.parse(JSON.parse(row.limits)),
  };
}
