import { readdir, readFile } from "node:fs/promises";

const MIGRATIONS = new URL("../../src/journal/migrations/", import.meta.url);

/** The part of a D1 database that applying migrations needs. */
export interface Journal {
  prepare(statement: string): { run(): Promise<unknown> };
}

/** The SQL statements of the journal's migrations, in their order. */
export async function migrationStatements(): Promise<readonly string[]> {
  const files = (await readdir(MIGRATIONS)).toSorted();
  const texts = await Promise.all(files.map((file) => readFile(new URL(file, MIGRATIONS), "utf8")));
  return texts
    .flatMap((text) => text.replace(/--.*$/gm, "").split(";"))
    .filter((statement) => statement.trim() !== "");
}

/** Creates the journal's tables, as `wrangler d1 migrations apply` does for a deployment. */
export async function migrate(journal: Journal): Promise<void> {
  for (const statement of await migrationStatements()) await journal.prepare(statement).run();
}
