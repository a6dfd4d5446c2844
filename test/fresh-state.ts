import { type D1Migration, reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterAll, beforeAll, beforeEach, vi } from "vitest";

declare global {
  /** When the present file of tests began. */
  var fileStartedAt: number;

  namespace Cloudflare {
    interface Env {
      /** The migrations of the journal, which vitest.config.ts reads, because a Worker has no file system. */
      readonly MIGRATIONS: D1Migration[];
    }
  }
}

/**
 * The files share a workerd, because its start takes longer than most files. Each of them begins with empty storage and
 * with modules of its own.
 */
await reset();
vi.resetModules();
globalThis.fileStartedAt = Date.now();
afterAll(reset);

// What a test has left to the queues is sent after it, when its stand-in is gone: a failure would open a circuit.
globalThis.fetch = async () => Response.json({ messages: [{ id: "wamid.late" }] });

/** One batch, in which a test waits for the database once. */
async function migrate(): Promise<void> {
  const journal = env.JOURNAL;
  const { results } = await journal.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'd1_migrations'").run();
  if (results.length > 0) return;
  const applied = journal.prepare("INSERT INTO d1_migrations (name) VALUES (?1)");
  await journal.batch([
    journal.prepare("CREATE TABLE d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE)"),
    ...env.MIGRATIONS.flatMap(({ name, queries }) => [
      ...queries.map((query) => journal.prepare(query)),
      applied.bind(name),
    ]),
  ]);
}

beforeAll(migrate);
// `reset()` deletes the tables between tests.
beforeEach(migrate);
