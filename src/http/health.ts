import { Hono } from "hono/tiny";
import type { SharedCircuits } from "../channels/whatsapp/shared-circuits.ts";
import type { DeadLetters } from "../journal/dead-letters.ts";
import type { ApiKeys } from "../keys/api-keys.ts";
import { toIso } from "../platform/time.ts";
import type { AppEnv } from "./context.ts";

/**
 * Answers whether this deployment runs and, to a caller with an API key, which circuits are open and why, and how many
 * events wait in the dead-letter queue.
 */
export function health(keys: ApiKeys, circuits: SharedCircuits, deadLetters: DeadLetters): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.get("/", async (c) => {
    c.set("route", "GET /health");
    const caller = await keys.authenticate(c.req.raw.headers.get("authorization"));
    // A key for hooks alone lies in the dashboard of another system, and opens nothing else.
    const isOfTeam = caller?.scopes.some((scope) => scope !== "hooks") ?? false;
    if (!isOfTeam) return c.json({ status: "ok" });
    const [open, { count, oldestAt }] = await Promise.all([circuits.read(), deadLetters.read()]);
    const resting = Object.entries(open).map(([circuit, { code, title, since, until }]) => ({
      circuit,
      error: { code, title },
      since: toIso(since),
      until: toIso(until),
    }));
    const dead = { count, oldest_at: oldestAt === null ? null : toIso(oldestAt) };
    return c.json({ status: "ok", resting, dead_letters: dead });
  });
  return app;
}
