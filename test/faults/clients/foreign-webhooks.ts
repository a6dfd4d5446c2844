import { ACCOUNT } from "../../world/settings.ts";
import { signedByMeta } from "../environment/meta-signature.ts";
import type { Webhook } from "../environment/webhook-delivery.ts";
import type { SentMessage, UpdateStatus } from "../history.ts";
import { waIdOf } from "../people.ts";

/**
 * What makes a webhook with Meta's signature none of ours: another WhatsApp Business account, another sender of the
 * same account, or a message that this Worker did not send.
 */
export const ORIGINS = ["other_account", "other_sender", "unknown_message"] as const;
export type Origin = (typeof ORIGINS)[number];

export type ForeignStatus = Extract<UpdateStatus, "delivered" | "read" | "failed" | "denied">;

const OTHER_ACCOUNT = { phoneNumberId: "300000000000003", businessAccountId: "400000000000004" };
const DAYS_AGO_MS = 3 * 86_400_000;

interface ForeignOptions {
  readonly origin: Origin;
  readonly status: ForeignStatus;
  /** The id of a message that this Worker did not send. */
  readonly unknownId: string;
  /** Whether it names the message of the Worker, as only a mistake of Meta or a shared app could. */
  readonly namesMessage: boolean;
}

/**
 * A webhook with a valid signature about the person of a message, which must change nothing: it comes from another
 * account or sender, or it is about another message, and then older than this one where it could mean any message.
 */
export function foreignWebhook(message: SentMessage, options: ForeignOptions): Webhook {
  const { origin, status, unknownId, namesMessage } = options;
  const { number, reference, messageId, at } = message;
  const isOurs = origin === "unknown_message";
  const namesOurs = namesMessage && !isOurs;
  const id = namesOurs ? messageId : unknownId;
  const isOld = isOurs && (status === "failed" || status === "denied");
  const timestamp = String(Math.floor((isOld ? at.ms - DAYS_AGO_MS : Date.now()) / 1000));
  const waId = waIdOf(number).slice(1);
  const update = {
    id,
    status,
    timestamp,
    recipient_id: waId,
    biz_opaque_callback_data: namesOurs ? reference : undefined,
    errors: status === "failed" ? [{ code: 131026, title: "Message undeliverable" }] : undefined,
  };
  const tap = {
    from: waId,
    id: `wamid.tap-${unknownId}`,
    timestamp,
    type: "button",
    button: { payload: "DID_NOT_REQUEST_CODE", text: "I didn't request a code" },
    context: { id },
  };
  const account = origin === "other_account" ? OTHER_ACCOUNT.businessAccountId : ACCOUNT.businessAccountId;
  const sender = isOurs ? ACCOUNT.phoneNumberId : OTHER_ACCOUNT.phoneNumberId;
  const metadata = { display_phone_number: "15550100001", phone_number_id: sender };
  const content = status === "denied" ? { messages: [tap] } : { statuses: [update] };
  const value = { messaging_product: "whatsapp", metadata, ...content };
  return signed(
    { account, field: "messages", time: Number(timestamp), value },
    { number, status, messageId },
  );
}

/** An account update that says the account may not send any more: of another account, or of ours days ago. */
export function accountWebhook(origin: "other_account" | "days_ago"): Webhook {
  const isOther = origin === "other_account";
  const account = isOther ? OTHER_ACCOUNT.businessAccountId : ACCOUNT.businessAccountId;
  const time = Math.floor((Date.now() - (isOther ? 0 : DAYS_AGO_MS)) / 1000);
  const value = {
    event: "DISABLED_UPDATE",
    ban_info: { waba_ban_state: "DISABLE", waba_ban_date: new Date(time * 1000).toDateString() },
  };
  return signed(
    { account, field: "account_update", time, value },
    { number: "", status: "failed", messageId: null },
  );
}

interface Change {
  readonly account: string;
  readonly field: string;
  /** In seconds since the epoch. */
  readonly time: number;
  readonly value: object;
}

function signed(
  { account, field, time, value }: Change,
  about: Omit<Webhook["update"], "reference">,
): Webhook {
  const entry = [{ id: account, time, changes: [{ field, value }] }];
  const body = JSON.stringify({ object: "whatsapp_business_account", entry });
  const headers = { "content-type": "application/json", "x-hub-signature-256": signedByMeta(body) };
  return { path: "/webhooks/whatsapp", body, headers, update: { reference: null, ...about } };
}
