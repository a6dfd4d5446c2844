import * as z from "zod";
import { type E164, parseWaId } from "../../phone/e164.ts";
import type { DeliveryUpdate } from "../../verification/decisions/delivery.ts";
import { fromCallbackData } from "../callback-data.ts";
import { ACTIONS, classify } from "./errors.ts";

/** A status update, and the number it is about where its message has to be found by that. */
export interface StatusUpdate {
  readonly update: DeliveryUpdate;
  readonly recipient: E164 | null;
}

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
  recipient_id: z.string().optional(),
  biz_opaque_callback_data: z.string().optional(),
  errors: z.array(z.object({ code: z.number() })).optional(),
});

const webhook = z.object({
  entry: z.array(
    z.object({
      changes: z.array(
        z.object({ field: z.string(), value: z.object({ statuses: z.array(z.unknown()).optional() }) }),
      ),
    }),
  ),
});

/**
 * Reads the status updates out of one of Meta's webhooks ("messages" field, up to 1,000 updates in a call).
 * What this service does not know, a new field, a new kind of update, is passed over: Meta adds them
 * without notice, and an update that is refused only comes again.
 */
export function readStatuses(body: unknown): StatusUpdate[] {
  const parsed = webhook.safeParse(body);
  if (!parsed.success) return [];
  return parsed.data.entry
    .flatMap((entry) => entry.changes)
    .filter(({ field }) => field === "messages")
    .flatMap(({ value }) => value.statuses ?? [])
    .flatMap((one) => {
      const known = status.safeParse(one);
      return known.success ? [toUpdate(known.data)] : [];
    });
}

function toUpdate(data: z.output<typeof status>): StatusUpdate {
  const message = fromCallbackData(data.biz_opaque_callback_data ?? "");
  const error = data.errors?.[0];
  return {
    update: {
      message,
      providerMessageId: data.id,
      status: STATUSES[data.status],
      at: Number(data.timestamp) * MILLISECONDS,
      error: error === undefined ? null : describe(error.code),
    },
    recipient: message === null && data.recipient_id !== undefined ? parseWaId(data.recipient_id) : null,
  };
}

function describe(errorCode: number) {
  const { code, title, class: errorClass } = classify(errorCode);
  return { code, title, action: ACTIONS[errorClass] };
}
