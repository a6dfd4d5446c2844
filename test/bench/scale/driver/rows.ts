import {
  type ClosedVerification,
  toVerificationRow,
  type VerificationRow,
} from "../../../../src/journal/rows.ts";
import type { JournalTables } from "../../../../src/journal/tables.ts";
import { weekOf } from "../../../../src/journal/weeks.ts";
import { Keyring } from "../../../../src/platform/keyring.ts";
import { eventsOfEachKind } from "../../../webhook-endpoints/events.ts";

export const keyring = new Keyring("benchmark-secret-key-0123456789abcdef");

/** A verification that was sent, delivered, read and approved, as the journal stores it. */
function sampleRow(): VerificationRow {
  const { verification } = eventsOfEachKind(keyring);
  if (verification.kind !== "verification") throw new Error("The sample should be a verification");
  return toVerificationRow(verification.verification as ClosedVerification);
}

/** What differs from row to row; everything else is that of the sample. */
const DRAWN: Readonly<Record<string, string>> = {
  hour: "at / 3600000",
  minute: "at / 60000 % 60",
  number_tag: "tag",
  id: "'vrf_' || tag || printf('%010d', i)",
  created_at: "at",
  country: "substr('IDBRDEINMXUSGBFRESITNGZAPHVNTHTRARCOPLNL', 1 + a % 20 * 2, 2)",
  purpose: "CASE a / 20 % 4 WHEN 0 THEN 'signup' WHEN 1 THEN 'transaction' ELSE 'login' END",
  app: "CASE WHEN a / 80 % 5 = 0 THEN 'shop' ELSE 'default' END",
  language: "CASE b % 4 WHEN 0 THEN 'id' WHEN 1 THEN 'pt_BR' ELSE 'en_US' END",
  sender: "'10654035224292' || a % 3",
  template: "CASE WHEN b / 4 % 9 = 0 THEN 'verification_code_2' ELSE 'verification_code' END",
  status: "CASE WHEN c % 10 < 8 THEN 'approved' ELSE 'expired' END",
  error_code: "CASE WHEN c / 10 % 50 = 0 THEN '131026' END",
  error_channel: "CASE WHEN c / 10 % 50 = 0 THEN 'whatsapp' END",
  sent_at: "at + 800",
  delivered_at: "at + 1600",
  read_at: "CASE WHEN c / 500 % 3 > 0 THEN at + 9000 END",
  // Most within a minute, a few after minutes.
  closed_at: "at + 4000 + b * b % 60000 + CASE WHEN c % 17 = 0 THEN a % 200000 ELSE 0 END",
  expires_at: "at + 300000",
};

/** Rows to insert: so many, evenly spread over a time from `from` on. */
export interface Spread {
  readonly from: number;
  readonly ms: number;
  readonly rows: number;
}

/** Inserts rows into the tables of their weeks, in the order in which they close. */
export async function insertRows(tables: JournalTables, { from, ms, rows }: Spread): Promise<void> {
  const end = from + ms;
  const weeks = [weekOf("verifications", from), weekOf("verifications", end - 1)];
  await tables.change("verifications", { make: weeks, drop: [] });
  for (const week of new Map(weeks.map((each) => [each.name, each])).values()) {
    const part = { from: Math.max(from, week.from), to: Math.min(end, week.to) };
    const share = Math.round((rows * (part.to - part.from)) / ms);
    await insertInto(tables.db, week.name, { from: part.from, ms: part.to - part.from, rows: share });
  }
}

/** D1 binds numbers as floating point, which is why they are part of the text. */
async function insertInto(db: D1Database, table: string, { from, ms, rows }: Spread): Promise<void> {
  const sample = sampleRow();
  const columns = Object.keys(sample);
  const values = Object.entries(sample).map(([column, value]) => DRAWN[column] ?? literal(value));
  await db
    .prepare(
      `INSERT INTO ${table} (${columns.join(", ")})
       WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ${rows}),
       drawn AS MATERIALIZED (
         SELECT i, ${from} + i * ${ms} / ${rows} AS at, lower(hex(randomblob(8))) AS tag, abs(random() % 1000000) AS a,
           abs(random() % 1000000) AS b, abs(random() % 1000000) AS c
         FROM n
       )
       SELECT ${values.join(", ")} FROM drawn ORDER BY ${DRAWN.closed_at}`,
    )
    .run();
}

function literal(value: unknown): string {
  if (value === null) return "NULL";
  return typeof value === "number" ? String(value) : `'${String(value).replaceAll("'", "''")}'`;
}
