import { bodyLimit } from "hono/body-limit";
import { Hono } from "hono/tiny";
import type { SmsGateway } from "../../channels/sms/gateway.ts";
import { log } from "../../platform/log.ts";
import { Problem } from "../../platform/problem.ts";
import type { Verifications } from "../../verification/verifications.ts";
import type { AppEnv } from "../context.ts";

/** A callback brings one update, or a few. */
const LARGEST_CALL_BYTES = 64 * 1024;

/** Where the deployment's SMS gateway tells what became of its messages. Not found where there is no gateway. */
export function smsWebhook(gateway: SmsGateway | null, verifications: Verifications): Hono<AppEnv> {
  const door = new Hono<AppEnv>();
  const limit = bodyLimit({
    maxSize: LARGEST_CALL_BYTES,
    onError: () => {
      throw new Problem("payload_too_large");
    },
  });
  door.on("POST", "/", limit);
  door.on(["GET", "POST"], "/", async (c) => {
    c.env.route = `${c.req.method} /webhooks/sms`;
    if (gateway === null) throw new Problem("not_found");
    const rawBody = new Uint8Array(await c.req.arrayBuffer());
    const updates = gateway.readUpdates({ url: c.req.url, headers: c.req.raw.headers, rawBody });
    if (updates === null)
      throw new Problem("unauthorized", { detail: "The signature is not the gateway's." });

    const effects = await Promise.allSettled(verifications.recordUpdates(updates));
    const lost = effects.find((effect) => effect.status === "rejected");
    if (lost !== undefined) {
      log("error", "An update could not be stored", {
        requestId: c.env.requestId,
        error: String(lost.reason),
      });
      // Anything but success makes the gateway call again.
      throw new Problem("internal");
    }
    c.env.outcome = "received";
    return c.body(null, 204);
  });
  return door;
}
