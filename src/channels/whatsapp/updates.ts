import * as z from "zod";
import { parseWaId } from "../../phone/e164.ts";
import { fromCallbackData } from "../callback-data.ts";
import { messageError, type StatusUpdate } from "../status-update.ts";
import { classify } from "./errors.ts";
import { type Change, known } from "./webhook.ts";

const MILLISECONDS = 1000;

/** `played` is a voice message's `read`. */
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
  biz_opaque_callback_data: z.string().nullish(),
  errors: z
    .array(z.object({ code: z.number() }))
    .optional()
    .catch(undefined),
  pricing: z.object({ category: z.string(), billable: z.boolean().optional() }).optional().catch(undefined),
});

/** Reads the status updates out of a change of the field `messages`. */
export function readStatuses({ field, value }: Change): readonly StatusUpdate[] {
  return field === "messages" ? known(status, value.statuses).map(toUpdate) : [];
}

function toUpdate(data: z.output<typeof status>): StatusUpdate {
  const message = fromCallbackData(data.biz_opaque_callback_data ?? "");
  const error = data.errors?.[0];
  const { pricing } = data;
  return {
    update: {
      message,
      providerMessageId: data.id,
      status: STATUSES[data.status],
      at: Number(data.timestamp) * MILLISECONDS,
      error: error === undefined ? null : messageError(classify(error.code)),
      pricing:
        pricing === undefined ? null : { category: pricing.category, billable: pricing.billable ?? true },
    },
    recipient: message === null && data.recipient_id ? parseWaId(data.recipient_id) : null,
  };
}
