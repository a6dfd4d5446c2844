import { readdir, readFile } from "node:fs/promises";

const MIGRATIONS = new URL("../../src/journal/migrations/", import.meta.url);

/** As much of a D1 database as this takes. */
export interface Journal {
  prepare(statement: string): { run(): Promise<unknown> };
}

/** Gives a Worker under test the journal's tables, as `wrangler d1 migrations apply` gives them to a real one. */
export async function migrate(journal: Journal): Promise<void> {
  for (const file of (await readdir(MIGRATIONS)).toSorted()) {
    const text = (await readFile(new URL(file, MIGRATIONS), "utf8")).replace(/--.*$/gm, "");
    for (const statement of text.split(";").filter((part) => part.trim() !== "")) {
      await journal.prepare(statement).run();
    }
  }
}
