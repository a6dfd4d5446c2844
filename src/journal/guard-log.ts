import * as z from "zod";
import type { GuardDecision, GuardEvent } from "../guard/decision.ts";
import { type AppScope, storedAppName } from "../ids/app-name.ts";
import type { ListPosition } from "../platform/cursor.ts";
import { JournalTables } from "./tables.ts";
import { unionAll } from "./weeks.ts";

export interface LoggedDecision extends GuardDecision, ListPosition {}

const insertInto = (table: string) => `
  INSERT OR IGNORE INTO ${table}
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

/** The guard's part of the journal: its decisions. */
export class GuardLog {
  readonly #tables: JournalTables;

  constructor(db: D1Database) {
    this.#tables = new JournalTables(db);
  }

  /** Records decisions; a repeated event changes nothing. Rejects when D1 fails. */
  async record(events: readonly GuardEvent[]): Promise<void> {
    if (events.length === 0) return;
    const rows = events.map(({ id, at, decision }) => ({ id, at, decision }));
    const { db } = this.#tables;
    await this.#tables.use(
      "guard_decisions",
      rows,
      ({ at }) => at,
      async (groups) => {
        for (const { table, items } of groups) {
          await db.prepare(insertInto(table.name)).bind(JSON.stringify(items)).run();
        }
      },
    );
  }

  /** Reads a page of decisions, newest first. */
  async decisions(filter: {
    readonly app: AppScope;
    readonly rule?: string | undefined;
    readonly after?: ListPosition | undefined;
    readonly limit: number;
  }): Promise<readonly LoggedDecision[]> {
    const { app, rule = null, after, limit } = filter;
    const results = await this.#tables.read("guard_decisions", async (tables) => {
      if (tables.length === 0) return [];
      const pages = tables.map(
        ({ name }) => `SELECT * FROM (
          SELECT * FROM ${name}
          WHERE (?1 IS NULL OR rule = ?1) AND (?2 IS NULL OR (created_at, id) < (?2, ?3))
            AND (?5 IS NULL OR app = ?5)
          ORDER BY created_at DESC, id DESC LIMIT ?4
        )`,
      );
      const page = await this.#tables.db
        .prepare(`${unionAll(pages)} LIMIT ?4`)
        .bind(rule, after?.createdAt ?? null, after?.id ?? null, limit, app)
        .all<DecisionRow>();
      return page.results;
    });
    return results.map(fromDecisionRow);
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
