import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { AuditLog } from "../../src/journal/audit.ts";

it("the guard's audit of earlier versions is in the audit after the migration", async () => {
  const migration = env.MIGRATIONS.find(({ name }) => name.includes("audit"));
  const guard = env.MIGRATIONS.find(({ name }) => name.includes("guard"));
  const former = guard?.queries.find((query) => query.includes("CREATE TABLE guard_audit")) ?? "";
  await env.JOURNAL.prepare("DROP TABLE audit").run();
  await env.JOURNAL.prepare(former).run();
  const insert = env.JOURNAL.prepare("INSERT INTO guard_audit VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
  await env.JOURNAL.batch([
    insert.bind(1, "aud_1", "unblock", "+6281234567", "admin", "our campaign", 1),
    insert.bind(2, "aud_2", "unlock", "+62*********90", "key_1", "called us", 1),
    insert.bind(3, "aud_3", "unlock", "+62*********90", "admin", "called again", 0),
  ]);
  for (const query of migration?.queries ?? []) await env.JOURNAL.prepare(query).run();
  const entries = await new AuditLog(env.JOURNAL).list({ limit: 10 });
  expect(entries.map(({ action, actor, reason, outcome }) => [action, actor, reason, outcome])).toEqual([
    ["unlockNumber", "operator", "called again", "was_open"],
    ["unlockNumber", "key_1", "called us", "unlocked"],
    ["unblockRange", "operator", "our campaign", "unblocked"],
  ]);
});
