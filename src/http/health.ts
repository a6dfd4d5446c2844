import { Hono } from "hono/tiny";
import type { SharedCircuits } from "../channels/whatsapp/shared-circuits.ts";
import type { ApiKeys } from "../keys/api-keys.ts";
import { toIso } from "../platform/time.ts";
import type { AppEnv } from "./context.ts";

/** Answers whether this deployment runs and, to a caller with an API key, which circuits are open and why. */
export function health(keys: ApiKeys, circuits: SharedCircuits): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.get("/", async (c) => {
    c.set("route", "GET /health");
    const caller = await keys.authenticate(c.req.raw.headers.get("authorization"));
    // A key for hooks alone lies in the dashboard of another system, and opens nothing else.
    const isOfTeam = caller?.scopes.some((scope) => scope !== "hooks") ?? false;
    if (!isOfTeam) return c.json({ status: "ok" });
    const resting = Object.entries(await circuits.read()).map(([circuit, { code, title, since, until }]) => ({
      circuit,
      error: { code, title },
      since: toIso(since),
      until: toIso(until),
    }));
    return c.json({ status: "ok", resting });
  });
  return app;
}
