import { Buffer } from "node:buffer";
import * as z from "zod";
import { fromCallbackData } from "../../ids/callback-data.ts";
import { parseE164 } from "../../numbering/e164.ts";
import { type Attempt, type ProviderAnswer, post } from "../provider-call.ts";
import { messageError, type StatusUpdate } from "../status-update.ts";
import { classifyBy } from "./error-table.ts";
import type { SmsGateway } from "./gateway.ts";
import { TWILIO_ERRORS } from "./twilio-errors.ts";
import { isSignedByTwilio } from "./twilio-signature.ts";

export interface TwilioSettings {
  readonly baseUrl: string;
  readonly accountSid: string;
  readonly authToken: string;
  /** A number or a name of our own, or a messaging service that picks one. */
  readonly sender: { readonly From: string } | { readonly MessagingServiceSid: string };
  /** Where status callbacks go; null asks for none. */
  readonly callbackUrl: string | null;
}

const created = z.object({ sid: z.string() });
const refused = z.object({ message: z.string(), code: z.number().nullish() });

/** The codes that an answer without one means by its HTTP status. */
const CODE_OF_STATUS: Readonly<Record<number, number>> = { 401: 20003, 403: 20403, 404: 20404, 429: 20429 };

/** What a status means for the message; the others come before it has left Twilio. */
const STATUSES = {
  sent: "sent",
  delivered: "delivered",
  read: "read",
  undelivered: "failed",
  failed: "failed",
  canceled: "failed",
} as const;

const status = z.object({
  MessageSid: z.string().min(1),
  MessageStatus: z.enum(["sent", "delivered", "read", "undelivered", "failed", "canceled"]),
  ErrorCode: z
    .string()
    .regex(/^\d{1,6}$/)
    .optional(),
  To: z.string().optional(),
});

/**
 * Twilio's Programmable Messaging (https://www.twilio.com/docs/messaging/api/message-resource). It has no
 * idempotency key and no reference of the sender's own, so ours travels in the callback's URL, which
 * Twilio's signature covers.
 */
export function twilioGateway(settings: TwilioSettings): SmsGateway {
  const { baseUrl, accountSid, authToken, sender, callbackUrl } = settings;
  const url = `${baseUrl}/2010-04-01/Accounts/${accountSid}/Messages.json`;
  const headers = {
    authorization: `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString("base64")}`,
    "content-type": "application/x-www-form-urlencoded",
  };
  return {
    name: "twilio",
    send({ to, text, callbackData }, signal) {
      const callback = callbackUrl && { StatusCallback: `${callbackUrl}?ref=${callbackData}` };
      const body = new URLSearchParams({ To: to, ...sender, Body: text, ...callback }).toString();
      return post("twilio", { url, headers, body }, signal, readAnswer);
    },
    readUpdates(callback) {
      if (callbackUrl === null) return null;
      const { search, searchParams } = new URL(callback.url);
      const form = new URLSearchParams(new TextDecoder().decode(callback.rawBody));
      const header = callback.headers.get("x-twilio-signature");
      if (!isSignedByTwilio(callbackUrl + search, form, header, authToken)) return null;
      return readStatus(form, searchParams.get("ref") ?? "");
    },
  };
}

function readAnswer({ status: httpStatus, body }: ProviderAnswer): Attempt | null {
  const success = created.safeParse(body);
  if (success.success) return { kind: "accepted", providerMessageId: success.data.sid };
  const failure = refused.safeParse(body);
  if (!failure.success) return null;
  const code = failure.data.code ?? CODE_OF_STATUS[httpStatus] ?? httpStatus;
  return { kind: "error", error: classifyBy(TWILIO_ERRORS, String(code), httpStatus) };
}

/** Callbacks carry no time of their own (https://www.twilio.com/docs/messaging/guides/track-outbound-message-status). */
function readStatus(form: URLSearchParams, reference: string): StatusUpdate[] {
  const parsed = status.safeParse(Object.fromEntries(form));
  if (!parsed.success) return [];
  const { MessageSid, MessageStatus, ErrorCode, To = "" } = parsed.data;
  const message = fromCallbackData(reference);
  const error = ErrorCode === undefined ? null : messageError(classifyBy(TWILIO_ERRORS, ErrorCode));
  const update = { message, providerMessageId: MessageSid, status: STATUSES[MessageStatus] };
  return [
    {
      update: { ...update, at: Date.now(), error, pricing: null },
      recipient: message ? null : parseE164(To),
    },
  ];
}
