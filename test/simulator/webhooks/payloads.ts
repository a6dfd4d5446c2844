import { BUSINESS } from "../business.ts";
import { errorTitle } from "../graph/errors.ts";
import type { InboundMessage, MessageStatus, WhatsAppMessage } from "../messages.ts";

/** The account of the webhooks. */
export interface Account {
  businessAccountId: string;
  phoneNumberId: string;
}

/** A status with a webhook; `accepted` is only in the response to the send. */
export type ReportedStatus = Exclude<MessageStatus, "accepted">;

/**
 * The `messages` webhook for one status, in the shape of 2026: no `conversation`, and a `failed` one has
 * neither `contacts` nor `recipient_user_id` nor `pricing`.
 */
export async function statusPayload(
  account: Account,
  message: WhatsAppMessage,
  waId: string,
  status: ReportedStatus,
  unixSeconds: number,
  errorCode: number,
) {
  const common = {
    id: message.id,
    status,
    timestamp: String(unixSeconds),
    recipient_id: waId,
    ...(message.callback_data === null ? {} : { biz_opaque_callback_data: message.callback_data }),
  };
  if (status === "failed") {
    return envelope(account, { statuses: [{ ...common, errors: [webhookError(errorCode)] }] });
  }
  const userId = await businessScopedUserId(waId);
  return envelope(account, {
    contacts: [{ profile: { name: profileName(waId) }, wa_id: waId, user_id: userId }],
    statuses: [
      {
        ...common,
        recipient_user_id: userId,
        pricing: pricing(message.category),
      },
    ],
  });
}

/** The webhook for a text or tap of the user; `from` is WhatsApp's id of them. */
export async function inboundPayload(
  account: Account,
  inbound: InboundMessage,
  from: string,
  unixSeconds: number,
  field: "messages" | "standby",
) {
  const userId = await businessScopedUserId(from);
  const isNamed = inbound.without_number !== true;
  const common = {
    ...(isNamed ? { from } : {}),
    from_user_id: userId,
    id: inbound.id,
    timestamp: String(unixSeconds),
  };
  const contact = { profile: { name: profileName(from) }, user_id: userId };
  const value = {
    contacts: [isNamed ? { ...contact, wa_id: from } : contact],
    messages: [{ ...common, ...inboundContent(inbound) }],
  };
  return envelope(account, value, field);
}

function inboundContent({ card, button_payload, is_reply_button, text, context_id }: InboundMessage) {
  if (card) {
    const digits = card.number.slice(1);
    const phones = [{ phone: card.number, wa_id: digits, type: "CELL" }];
    return {
      type: "contacts",
      contacts: [{ origin: card.origin, name: { formatted_name: profileName(digits) }, phones }],
    };
  }
  if (button_payload === null) return { type: "text", text: { body: text } };
  const context = { from: BUSINESS.number, id: context_id };
  return is_reply_button
    ? {
        context,
        type: "interactive",
        interactive: { type: "button_reply", button_reply: { id: button_payload, title: text } },
      }
    : { context, type: "button", button: { payload: button_payload, text } };
}

/** The body of a webhook with one or more changes of the account. */
export function accountPayload(
  account: Account,
  changes: { field: string; value: object }[],
  unixSeconds: number,
) {
  const entry = [{ id: account.businessAccountId, time: unixSeconds, changes }];
  return { object: "whatsapp_business_account", entry };
}

function envelope(account: Account, value: object, field: "messages" | "standby" = "messages") {
  const metadata = { display_phone_number: BUSINESS.number, phone_number_id: account.phoneNumberId };
  const changes = [{ field, value: { messaging_product: "whatsapp", metadata, ...value } }];
  return { object: "whatsapp_business_account", entry: [{ id: account.businessAccountId, changes }] };
}

/** A free-form reply counts as part of the service window; past Meta's free tier it is billed, which is not simulated. */
function pricing(category: WhatsAppMessage["category"]) {
  const isFree = category === "service";
  const type = isFree ? "free_customer_service" : "regular";
  return { billable: !isFree, pricing_model: "PMP", type, category };
}

function webhookError(code: number) {
  const title = errorTitle(code);
  return {
    code,
    title,
    message: title,
    error_data: { details: title },
    href: "https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes",
  };
}

function profileName(waId: string): string {
  return `User ${waId.slice(-4)}`;
}

/**
 * A stand-in for the id Meta gives a user per business portfolio: stable for a number, and not the number.
 * Its country is always US, because a reader must not take anything from it.
 */
export async function businessScopedUserId(waId: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(waId));
  return `US.${new DataView(digest).getBigUint64(0)}`;
}
