import type { Buffer } from "node:buffer";
import { createHash, timingSafeEqual } from "node:crypto";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { isSigned } from "../channels/whatsapp/signature.ts";
import { readStatuses, type StatusUpdate } from "../channels/whatsapp/updates.ts";
import type { Keyring } from "../keyring.ts";
import { log } from "../log.ts";
import { Problem } from "../problems.ts";
import type { DeliveryUpdate } from "../verification/decisions/delivery.ts";
import { namesOf, ownerOf, type PhoneNumberName } from "../verification/verification-id.ts";
import type { Verifications } from "../verification/verifications.ts";
import type { AppEnv } from "./app-env.ts";
import { parseJson } from "./json.ts";

interface Dependencies {
  readonly verifications: Verifications;
  readonly keyring: Keyring;
  readonly appSecret: string;
  readonly verifyToken: string;
}

/** Meta sends at most this much in one call ("Webhooks overview"). */
const LARGEST_CALL_BYTES = 3 * 1024 * 1024;

/** Meta's side of the conversation: the handshake that sets the webhook up, and the events it then brings. */
export function whatsAppWebhook({
  verifications,
  keyring,
  appSecret,
  verifyToken,
}: Dependencies): Hono<AppEnv> {
  const door = new Hono<AppEnv>();

  door.get("/", (c) => {
    c.var.log.route = "GET /webhooks/whatsapp";
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
    c.var.log.outcome = "verified";
    return c.text(challenge);
  });

  const limit = bodyLimit({
    maxSize: LARGEST_CALL_BYTES,
    onError: () => {
      throw new Problem("payload_too_large");
    },
  });
  door.post("/", limit, async (c) => {
    c.var.log.route = "POST /webhooks/whatsapp";
    const raw = new Uint8Array(await c.req.arrayBuffer());
    if (!isSigned(raw, c.req.header("x-hub-signature-256"), appSecret)) {
      throw new Problem("unauthorized", { detail: "The signature is not WhatsApp's." });
    }
    const updates = byNumber(readStatuses(parseJson(raw)), keyring);
    const stored = await Promise.allSettled(
      [...updates].map(([name, list]) => verifications.recordUpdates(name, list)),
    );
    const lost = stored.filter(({ status }) => status === "rejected");
    for (const { reason } of lost as PromiseRejectedResult[]) {
      log("error", "A status update could not be stored", {
        requestId: c.var.requestId,
        error: String(reason),
      });
    }
    // Anything but 200 makes Meta send the whole call again; what was stored already changes nothing then.
    if (lost.length > 0) throw new Problem("internal");
    c.var.log.outcome = "received";
    return c.text("ok");
  });

  return door;
}

/** Updates of one number go to its object in one call; those that name no number we could have written to are dropped. */
function byNumber(
  updates: readonly StatusUpdate[],
  keyring: Keyring,
): Map<PhoneNumberName, DeliveryUpdate[]> {
  const grouped = new Map<PhoneNumberName, DeliveryUpdate[]>();
  for (const { update, recipient } of updates) {
    const name = update.message ? ownerOf(update.message.id) : recipient && namesOf(keyring, recipient)[0];
    if (name !== null) grouped.set(name, [...(grouped.get(name) ?? []), update]);
  }
  return grouped;
}

/** Compares digests, so that neither the content nor the length of the secret shows in the time it takes. */
function isSame(given: string, secret: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(secret));
}
