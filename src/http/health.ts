import { Hono } from "hono/tiny";
import type { SharedCircuits } from "../channels/whatsapp/shared-circuits.ts";
import type { Capacity } from "../journal/capacity.ts";
import type { DeadLetters } from "../journal/dead-letters.ts";
import type { ApiKeys } from "../keys/api-keys.ts";
import { toIso } from "../platform/time.ts";
import type { AppEnv } from "./context.ts";

/** What a team has to look after, and no request waits for. */
interface Watched {
  readonly circuits: SharedCircuits;
  readonly deadLetters: DeadLetters;
  readonly capacity: Capacity;
}

/**
 * Answers whether this deployment runs and, to a caller with an API key, which circuits are open and why, how many
 * events wait in the dead-letter queue, and how full the journal's database is.
 */
export function health(keys: ApiKeys, { circuits, deadLetters, capacity }: Watched): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.get("/", async (c) => {
    c.set("route", "GET /health");
    const caller = await keys.authenticate(c.req.raw.headers.get("authorization"));
    // A key for hooks alone lies in the dashboard of another system, and opens nothing else.
    const isOfTeam = caller?.scopes.some((scope) => scope !== "hooks") ?? false;
    if (!isOfTeam) return c.json({ status: "ok" });
    const [open, { count, oldestAt }, seen] = await Promise.all([
      circuits.read(),
      deadLetters.read(),
      capacity.read(),
    ]);
    const resting = Object.entries(open).map(([circuit, { code, title, since, until }]) => ({
      circuit,
      error: { code, title },
      since: toIso(since),
      until: toIso(until),
    }));
    const dead = { count, oldest_at: oldestAt === null ? null : toIso(oldestAt) };
    const journal =
      seen === null
        ? null
        : { used_percent: seen.usedPercent, limit_bytes: seen.limitBytes, warning: seen.isWarning };
    return c.json({ status: "ok", resting, dead_letters: dead, journal });
  });
  return app;
}
