import { Hono } from "hono/tiny";
import type { SharedCircuits } from "../channels/whatsapp/shared-circuits.ts";
import type { ApiKeys } from "../keys/api-keys.ts";
import { toIso } from "../platform/time.ts";
import type { AppEnv } from "./context.ts";

/** Whether this deployment runs; and, for those who hold a key, which of its senders and templates rest, and why. */
export function health(keys: ApiKeys, circuits: SharedCircuits): Hono<AppEnv> {
  const door = new Hono<AppEnv>();
  door.get("/", async (c) => {
    c.env.route = "GET /health";
    const caller = await keys.authenticate(c.req.raw.headers.get("authorization"));
    if (caller === null) return c.json({ status: "ok" });
    const resting = Object.entries(await circuits.read()).map(([circuit, { code, title, since, until }]) => ({
      circuit,
      error: { code, title },
      since: toIso(since),
      until: toIso(until),
    }));
    return c.json({ status: "ok", resting });
  });
  return door;
}
