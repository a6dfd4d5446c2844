import type { Buffer } from "node:buffer";
import { createHash, timingSafeEqual } from "node:crypto";
import { Hono } from "hono/tiny";
import { isAboutSenders } from "../../../channels/whatsapp/account-updates.ts";
import { isSignedByMeta, type OwnIds, readChanges, sortChanges } from "../../../channels/whatsapp/webhook.ts";
import { log } from "../../../platform/log.ts";
import { isPlatformFault } from "../../../platform/platform-fault.ts";
import { Problem } from "../../../platform/problem.ts";
import { tryWaiting } from "../../../templates/starter-set/waiting.ts";
import type { Subscriptions } from "../../../verification/requests.ts";
import { limitBody, parseJson } from "../../body.ts";
import type { AppEnv } from "../../context.ts";
import { type Appliers, applyChanges } from "./apply.ts";

interface Dependencies extends Appliers {
  readonly subscriptions: Subscriptions;
  readonly appSecret: string;
  readonly verifyToken: string;
  /** Changes of other accounts and senders are dropped. */
  readonly ownIds: OwnIds;
}

/** Meta sends at most this much in one call ("Webhooks overview"). */
const LARGEST_CALL_BYTES = 3 * 1024 * 1024;

/** Meta's webhook: the handshake that verifies its address, and the events. */
export function whatsAppWebhook({
  subscriptions,
  appSecret,
  verifyToken,
  ownIds,
  ...appliers
}: Dependencies): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  const { observations } = appliers.circuits;

  app.get("/", (c) => {
    c.set("route", "GET /webhooks/whatsapp");
    const {
      "hub.mode": mode,
      "hub.verify_token": token = "",
      "hub.challenge": challenge = "",
    } = c.req.query();
    const tokenIsRight = isSame(token, verifyToken);
    if (mode === "subscribe") {
      observations.recordHandshake(tokenIsRight, Date.now(), new URL(c.req.url).host);
      appliers.circuits.syncObservations();
    }
    if (mode !== "subscribe" || !tokenIsRight) {
      throw new Problem("forbidden", { detail: "The verify token is not this deployment's." });
    }
    // Meta's challenge is a number. Echoing any other text would let a stranger choose what this host answers.
    if (!/^\d{1,32}$/.test(challenge)) {
      throw new Problem("invalid_request", { detail: "The challenge is not a number." });
    }
    c.set("outcome", "verified");
    return c.text(challenge);
  });

  app.post("/", limitBody(LARGEST_CALL_BYTES), async (c) => {
    c.set("route", "POST /webhooks/whatsapp");
    const raw = new Uint8Array(await c.req.arrayBuffer());
    const isSigned = isSignedByMeta(raw, c.req.header("x-hub-signature-256"), appSecret);
    observations.recordSignature(isSigned, Date.now());
    if (!isSigned) {
      appliers.circuits.syncObservations();
      throw new Problem("unauthorized", { detail: "The signature is not WhatsApp's." });
    }
    let skipped = 0;
    const onSkipped = () => {
      skipped += 1;
    };
    const { own, foreign } = sortChanges(readChanges(parseJson(raw), onSkipped), ownIds);
    const requestId = c.get("requestId");
    if (foreign.count > 0) {
      const { count, ids } = foreign;
      log("warn", "Webhook changes of other accounts or senders were dropped", { requestId, count, ids });
    }
    const subscribed = await subscriptions.subscribedTypes((work) => c.executionCtx.waitUntil(work));
    const effects = await Promise.allSettled(applyChanges(own, subscribed, appliers, onSkipped));
    appliers.circuits.syncObservations();
    // Meta's news of a verified business or a raised limit come this way. The daily run tries what fails here.
    if (own.some(isAboutSenders)) c.executionCtx.waitUntil(tryWaiting(appliers.templates, "news"));
    if (skipped > 0) log("warn", "Parts of a webhook were not understood", { requestId, count: skipped });
    const failed = effects.filter((effect) => effect.status === "rejected");
    for (const { reason } of failed) {
      log("error", "An update could not be stored", { requestId, error: String(reason) });
    }
    // Any status but 200 makes Meta repeat the whole call; the effects that are stored already are idempotent.
    const [failure] = failed;
    if (failure !== undefined)
      throw problemOf(failed.find(({ reason }) => !isPlatformFault(reason)) ?? failure);
    c.set("outcome", "received");
    return c.text("ok");
  });

  return app;
}

/** 503 where the platform alone is at fault; 500 where one of the effects met a bug. */
function problemOf({ reason }: PromiseRejectedResult): Problem {
  return isPlatformFault(reason)
    ? new Problem("unavailable", { retryAfterSeconds: UNAVAILABLE_SECONDS })
    : new Problem("internal");
}

/** Meta repeats by its own schedule; the header tells others who look at the answer. */
const UNAVAILABLE_SECONDS = 5;

/** Compares digests, so that the duration reveals neither the content nor the length of the secret. */
function isSame(given: string, secret: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(secret));
}
