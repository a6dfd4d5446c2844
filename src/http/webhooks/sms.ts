import { Hono } from "hono/tiny";
import type { SmsGateway } from "../../channels/sms/gateway.ts";
import { log } from "../../platform/log.ts";
import { Problem } from "../../platform/problem.ts";
import type { Verifications } from "../../verification/verifications.ts";
import { limitBody } from "../body.ts";
import type { AppEnv } from "../context.ts";

/** A callback carries a few updates at most. */
const LARGEST_CALL_BYTES = 64 * 1024;

/** Receives delivery reports of the deployment's SMS gateway. Not found where no gateway is configured. */
export function smsWebhook(gateway: SmsGateway | null, verifications: Verifications): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.on("POST", "/", limitBody(LARGEST_CALL_BYTES));
  app.on(["GET", "POST"], "/", async (c) => {
    c.set("route", `${c.req.method} /webhooks/sms`);
    if (gateway === null) throw new Problem("not_found");
    const rawBody = new Uint8Array(await c.req.arrayBuffer());
    const updates = gateway.readUpdates({ url: c.req.url, headers: c.req.raw.headers, rawBody });
    if (updates === null) {
      throw new Problem("unauthorized", { detail: "The signature is not the gateway's." });
    }
    const effects = await Promise.allSettled(verifications.recordUpdates(updates));
    const failed = effects.find((effect) => effect.status === "rejected");
    if (failed !== undefined) {
      const requestId = c.get("requestId");
      log("error", "An update could not be stored", { requestId, error: String(failed.reason) });
      // Any status but 2xx makes the gateway call again.
      throw new Problem("internal");
    }
    c.set("outcome", "received");
    return c.body(null, 204);
  });
  return app;
}
