import * as z from "zod";
import { fromCallbackData } from "../../ids/callback-data.ts";
import { parseNotificationId } from "../../ids/notification-id.ts";
import type { MessageUpdate } from "../../messages/delivery-update.ts";
import { parseWaId } from "../../numbering/subscriber.ts";
import { MINUTE_MS } from "../../platform/time.ts";
import type { NotificationStatus, StatusUpdate } from "../channel.ts";
import { messageError } from "../failure.ts";
import { type ErrorDetails, maskDetails } from "./error-details.ts";
import { classify, type WhatsAppError } from "./errors.ts";
import { LONGEST_MESSAGE_ID } from "./message-id.ts";
import { type Change, known, type OnSkipped, senderOf } from "./webhook.ts";

/** `played` is the `read` of a voice message. */
const STATUSES = {
  sent: "sent",
  delivered: "delivered",
  read: "read",
  played: "read",
  failed: "failed",
} as const;

/** Errors of the recipient, the country and the account: any message of ours to this recipient meets them. */
const FAILS_ANY_MESSAGE = new Set([368, 130497, 131021, 131026, 131030, 131031, 131042]);

/** Meta's clock may be ahead of ours by seconds. A later time is not one, and would outlast all that follows. */
const LARGEST_LEAD_MS = MINUTE_MS;

/** Meta writes Unix seconds as a string; read as milliseconds, a whole second. */
export const unixSeconds = z
  .union([z.string().regex(/^\d{1,12}$/), z.int().nonnegative()])
  .transform((seconds) => Math.min(Number(seconds) * 1000, latestSecond()));

function latestSecond(): number {
  return Math.floor((Date.now() + LARGEST_LEAD_MS) / 1000) * 1000;
}

const statusError = z.object({
  code: z.coerce.number(),
  error_data: z.object({ details: z.string() }).optional().catch(undefined),
  error_subcode: z.number().optional().catch(undefined),
  fbtrace_id: z.string().optional().catch(undefined),
});

const status = z.object({
  id: z.string().min(1).max(LONGEST_MESSAGE_ID),
  status: z.enum(["sent", "delivered", "read", "played", "failed"]),
  timestamp: unixSeconds,
  recipient_id: z.string().nullish().catch(undefined),
  recipient_identity_key_hash: z.string().max(256).nullish().catch(undefined),
  biz_opaque_callback_data: z.string().nullish().catch(undefined),
  errors: z.array(statusError).optional().catch(undefined),
  pricing: z
    .object({ category: z.string().max(64), billable: z.boolean().optional().catch(undefined) })
    .optional()
    .catch(undefined),
});

type Status = z.output<typeof status>;

/** Why a message failed. */
export interface StatusFailure {
  readonly error: WhatsAppError;
  readonly details: ErrorDetails;
}

/** A status of a code's message or of a notification; `failure` is set where it failed with an error. */
export type WhatsAppStatus = (StatusUpdate | NotificationStatus) & {
  readonly failure?: StatusFailure | undefined;
};

/** Reads status updates from a change of the field `messages`. */
export function readStatuses(change: Change, onSkipped?: OnSkipped): readonly WhatsAppStatus[] {
  if (change.field !== "messages") return [];
  const sender = senderOf(change);
  return known(status, change.value.statuses, onSkipped).map((data) => toUpdate(data, sender));
}

function toUpdate(data: Status, sender: string | null): WhatsAppStatus {
  const callbackData = data.biz_opaque_callback_data ?? "";
  const failure = failureOf(data);
  const common = messageUpdate(data, failure);
  const notification = parseNotificationId(callbackData);
  if (notification !== null) return { update: { notification, ...common }, recipient: null, failure };
  const message = fromCallbackData(callbackData);
  const update = {
    message,
    sender,
    identityHash: data.recipient_identity_key_hash ?? null,
    failsAnyMessage: FAILS_ANY_MESSAGE.has(failure?.details.code ?? 0),
    ...common,
  };
  const recipient = message === null && data.recipient_id ? parseWaId(data.recipient_id) : null;
  return { update, recipient, failure };
}

function failureOf({ status, errors }: Status): StatusFailure | undefined {
  const [error] = errors ?? [];
  if (status !== "failed" || error === undefined) return undefined;
  const details = {
    code: error.code,
    subcode: error.error_subcode,
    details: error.error_data === undefined ? undefined : maskDetails(error.error_data.details),
    traceId: error.fbtrace_id,
  };
  return { error: { ...classify(error.code), details: details.details }, details };
}

function messageUpdate({ id, status, timestamp, pricing }: Status, failure?: StatusFailure): MessageUpdate {
  return {
    providerMessageId: id,
    status: STATUSES[status],
    at: timestamp,
    error: failure === undefined ? null : messageError(failure.error),
    pricing:
      pricing === undefined ? null : { category: pricing.category, billable: pricing.billable ?? true },
  };
}
