import * as z from "zod";
import { fromCallbackData } from "../../ids/callback-data.ts";
import { parseNotificationId } from "../../ids/notification-id.ts";
import type { MessageUpdate } from "../../messages/delivery-update.ts";
import { parseWaId } from "../../numbering/subscriber.ts";
import { messageError, type NotificationStatus, type StatusUpdate } from "../channel.ts";
import { classify } from "./errors.ts";
import { type Change, known } from "./webhook.ts";

const MILLISECONDS = 1000;

/** `played` is the `read` of a voice message. */
const STATUSES = {
  sent: "sent",
  delivered: "delivered",
  read: "read",
  played: "read",
  failed: "failed",
} as const;

const status = z.object({
  id: z.string(),
  status: z.enum(["sent", "delivered", "read", "played", "failed"]),
  timestamp: z.string().regex(/^\d{1,12}$/),
  recipient_id: z.string().nullish(),
  recipient_identity_key_hash: z.string().max(256).nullish().catch(undefined),
  biz_opaque_callback_data: z.string().nullish(),
  errors: z
    .array(z.object({ code: z.number() }))
    .optional()
    .catch(undefined),
  pricing: z.object({ category: z.string(), billable: z.boolean().optional() }).optional().catch(undefined),
});

type Status = z.output<typeof status>;

/** Reads status updates from a change of the field `messages`. */
export function readStatuses({ field, value }: Change): readonly (StatusUpdate | NotificationStatus)[] {
  return field === "messages" ? known(status, value.statuses).map(toUpdate) : [];
}

function toUpdate(data: Status): StatusUpdate | NotificationStatus {
  const callbackData = data.biz_opaque_callback_data ?? "";
  const notification = parseNotificationId(callbackData);
  if (notification !== null) return { update: { notification, ...messageUpdate(data) }, recipient: null };
  const message = fromCallbackData(callbackData);
  return {
    update: { message, identityHash: data.recipient_identity_key_hash ?? null, ...messageUpdate(data) },
    recipient: message === null && data.recipient_id ? parseWaId(data.recipient_id) : null,
  };
}

function messageUpdate({ id, status, timestamp, errors, pricing }: Status): MessageUpdate {
  const error = errors?.[0];
  return {
    providerMessageId: id,
    status: STATUSES[status],
    at: Number(timestamp) * MILLISECONDS,
    error: error === undefined ? null : messageError(classify(error.code)),
    pricing:
      pricing === undefined ? null : { category: pricing.category, billable: pricing.billable ?? true },
  };
}
