import type { Buffer } from "node:buffer";
import { createHash, timingSafeEqual } from "node:crypto";
import { bodyLimit } from "hono/body-limit";
import { Hono } from "hono/tiny";
import { isSignedByMeta, readChanges } from "../../../channels/whatsapp/webhook.ts";
import { log } from "../../../platform/log.ts";
import { Problem } from "../../../platform/problem.ts";
import type { Subscriptions } from "../../../verification/requests.ts";
import type { AppEnv } from "../../context.ts";
import { parseJson } from "../../json.ts";
import { type Appliers, applyChanges } from "./apply.ts";

interface Dependencies extends Appliers {
  readonly subscriptions: Subscriptions;
  readonly appSecret: string;
  readonly verifyToken: string;
}

/** Meta sends at most this much in one call ("Webhooks overview"). */
const LARGEST_CALL_BYTES = 3 * 1024 * 1024;

/** Meta's side of the conversation: the handshake that sets the webhook up, and the events it then brings. */
export function whatsAppWebhook({
  subscriptions,
  appSecret,
  verifyToken,
  ...appliers
}: Dependencies): Hono<AppEnv> {
  const door = new Hono<AppEnv>();

  door.get("/", (c) => {
    c.env.route = "GET /webhooks/whatsapp";
    const {
      "hub.mode": mode,
      "hub.verify_token": token = "",
      "hub.challenge": challenge = "",
    } = c.req.query();
    if (mode !== "subscribe" || !isSame(token, verifyToken)) {
      throw new Problem("forbidden", { detail: "The verify token is not this deployment's." });
    }
    // Meta's challenge is a number; anything else would let a stranger choose what this host says.
    if (!/^\d{1,32}$/.test(challenge))
      throw new Problem("invalid_request", { detail: "The challenge is no number." });
    c.env.outcome = "verified";
    return c.text(challenge);
  });

  const limit = bodyLimit({
    maxSize: LARGEST_CALL_BYTES,
    onError: () => {
      throw new Problem("payload_too_large");
    },
  });
  door.post("/", limit, async (c) => {
    c.env.route = "POST /webhooks/whatsapp";
    const raw = new Uint8Array(await c.req.arrayBuffer());
    if (!isSignedByMeta(raw, c.req.header("x-hub-signature-256"), appSecret)) {
      throw new Problem("unauthorized", { detail: "The signature is not WhatsApp's." });
    }
    const changes = readChanges(parseJson(raw));
    const wanted = await subscriptions.subscribedTypes((work) => c.executionCtx.waitUntil(work));
    const effects = await Promise.allSettled(applyChanges(changes, wanted, appliers));
    const lost = effects.filter((effect) => effect.status === "rejected");
    for (const { reason } of lost) {
      log("error", "An update could not be stored", { requestId: c.env.requestId, error: String(reason) });
    }
    // Anything but 200 makes Meta send the whole call again; what was stored already changes nothing then.
    if (lost.length > 0) throw new Problem("internal");
    c.env.outcome = "received";
    return c.text("ok");
  });

  return door;
}

/** Compares digests, so that neither the content nor the length of the secret shows in the time it takes. */
function isSame(given: string, secret: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(secret));
}
