import { createHmac } from "node:crypto";
import type { Random } from "../../world/random.ts";
import { ACCOUNT, APP_SECRET } from "../../world/settings.ts";
import type { Webhook } from "../environment/webhook-delivery.ts";
import type { SentMessage, UpdateStatus } from "../history.ts";

type Forged = Extract<UpdateStatus, "read" | "failed" | "denied">;

/**
 * A webhook about an existing message with a signature that does not match. Its update is one that no genuine
 * webhook reports, so that the checker sees whether the Worker applied it.
 *
 * @param genuine A genuine webhook of the same number, whose signature may be reused.
 */
export function forgeWebhook(
  { number, reference, messageId }: SentMessage,
  status: Forged,
  genuine: Webhook | undefined,
  random: Random,
): Webhook {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const tap = {
    from: number.slice(1),
    id: `wamid.forged${random.text("0123456789", 12)}`,
    timestamp,
    type: "button",
    button: { payload: "DID_NOT_REQUEST_CODE", text: "I didn't request a code" },
    context: { id: messageId },
  };
  const update = {
    id: messageId,
    status,
    timestamp,
    recipient_id: number.slice(1),
    biz_opaque_callback_data: reference,
    errors: status === "failed" ? [{ code: 131026, title: "Message undeliverable" }] : undefined,
  };
  const metadata = { display_phone_number: "15550100000", phone_number_id: ACCOUNT.phoneNumberId };
  const content = status === "denied" ? { messages: [tap] } : { statuses: [update] };
  const value = { messaging_product: "whatsapp", metadata, ...content };
  const entry = [{ id: ACCOUNT.businessAccountId, changes: [{ field: "messages", value }] }];
  const text = JSON.stringify({ object: "whatsapp_business_account", entry });
  // Invalid JSON has to be rejected for its signature, because the body must not be parsed before.
  const body = random.chance(0.1) ? text.slice(1) : text;
  const headers: Record<string, string> = { "content-type": "application/json" };
  const signature = badSignature(body, genuine, random);
  if (signature !== null) headers["x-hub-signature-256"] = signature;
  return {
    path: "/webhooks/whatsapp",
    body,
    headers,
    update: { reference: status === "denied" ? null : reference, messageId, number, status },
  };
}

function badSignature(body: string, genuine: Webhook | undefined, random: Random): string | null {
  const mac = (secret: string, text: string, hash = "sha256") =>
    createHmac(hash, secret).update(text).digest("hex");
  return random.pick([
    null,
    "",
    "sha256=",
    `sha256=${"0".repeat(64)}`,
    `sha256=${mac("another-secret", body)}`,
    `sha256=${mac("", body)}`,
    `sha256=${mac(APP_SECRET, `${body} `)}`,
    `sha256=${mac(APP_SECRET, body).slice(0, 62)}`,
    `sha1=${mac(APP_SECRET, body, "sha1")}`,
    mac(APP_SECRET, body),
    genuine?.headers["x-hub-signature-256"] ?? "sha256=none",
  ]);
}
