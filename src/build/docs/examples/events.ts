import type { EventType } from "../../../events/event.ts";
import { DELIVERED, OPTED_OUT, READ, SENT } from "./notifications.ts";
import { REFUSED } from "./operation.ts";
import { APPROVED, CANCELED, EXPIRED, FAILED, ON_THE_PHONE, STARTED } from "./verifications.ts";

/** The `data` of an event of each type. */
export const EVENT_DATA: Readonly<Record<EventType, object>> = {
  "verification.started": STARTED,
  "verification.approved": APPROVED,
  "verification.expired": EXPIRED,
  "verification.canceled": CANCELED,
  "verification.failed": FAILED,
  "verification.message": ON_THE_PHONE,
  "notification.sent": SENT,
  "notification.delivered": DELIVERED,
  "notification.read": READ,
  "notification.failed": OPTED_OUT,
  "message.received": {
    app: "default",
    channel: "whatsapp",
    from: "+6281234567890",
    from_user_id: null,
    message_id: "wamid.HBgNNjI4MTIzNDU2Nzg5MBUCABIYIDNB",
    context_id: null,
    type: "text",
    text: "Where is my parcel?",
    button_payload: null,
    received_at: "2026-11-23T15:45:42.000Z",
    window_ends_at: "2026-11-24T15:45:42.000Z",
    system: null,
  },
  "template.updated": {
    app: "default",
    field: "message_template_status_update",
    event: "APPROVED",
    message_template_id: 700002830339124,
    message_template_name: "shipping_update",
    message_template_language: "en_US",
    reason: null,
  },
  "sender.updated": {
    app: "default",
    circuit: "sender/100000000000001",
    state: "open",
    error: { code: "messaging_limit", title: "The sender has reached its messaging limit" },
    until: "2026-11-24T03:12:00.000Z",
  },
  "deployment.degraded": {
    app: "default",
    check: "token.lasting",
    severity: "warns",
    state: "failed",
    sentence: "The token ends on 2026-12-24.",
    repair: "Make a system user's token that never expires, and store it as WHATSAPP_ACCESS_TOKEN.",
  },
  "deployment.recovered": {
    app: "default",
    check: "token.lasting",
    severity: "warns",
    state: "ok",
    sentence: "The token does not expire.",
    repair: null,
  },
  "capacity.warning": {
    app: "default",
    used_percent: 71,
    limit_bytes: 10_000_000_000,
    deletes_delivered_events: false,
  },
  "guard.blocked": REFUSED,
};
