import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";
import * as z from "zod";
import { fromCallbackData } from "../../ids/callback-data.ts";
import { parseE164 } from "../../numbering/e164.ts";
import type { StatusUpdate } from "../channel.ts";
import { messageError } from "../failure.ts";
import { type Attempt, type ProviderAnswer, post } from "../provider-call.ts";
import { classifyBy, type ErrorTable, errorTable, type SmsGateway } from "./gateway.ts";

export interface TwilioSettings {
  readonly baseUrl: string;
  readonly accountSid: string;
  readonly authToken: string;
  /** A number or name to send from, or a messaging service that chooses one. */
  readonly sender: { readonly From: string } | { readonly MessagingServiceSid: string };
  /** URL for status callbacks; null requests none. */
  readonly callbackUrl: string | null;
}

const created = z.object({ sid: z.string() });
const refused = z.object({ message: z.string(), code: z.number().nullish() });

/** Error codes for answers that have only an HTTP status. */
const CODE_OF_STATUS: Readonly<Record<number, number>> = { 401: 20003, 403: 20403, 404: 20404, 429: 20429 };

/** Message status by Twilio status; the omitted ones precede sending. */
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
 * idempotency key and no client reference, so our callback data is a query parameter of the callback's URL,
 * which Twilio's signature covers.
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
      const callback = callbackUrl === null ? {} : { StatusCallback: `${callbackUrl}?ref=${callbackData}` };
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

/**
 * Callbacks contain no timestamp
 * (https://www.twilio.com/docs/messaging/guides/track-outbound-message-status).
 */
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

const SHA1_BYTES = 20;

/**
 * Verifies Twilio's signature: `X-Twilio-Signature` is the base64 HMAC-SHA1, under the auth token, of the
 * callback URL followed by each parameter's name and value in order of the names
 * (https://www.twilio.com/docs/usage/security). For repeated names, Twilio's own libraries use each distinct
 * value once, sorted. Compared in constant time.
 */
export function isSignedByTwilio(
  url: string,
  form: URLSearchParams,
  header: string | null,
  authToken: string,
): boolean {
  const given = Buffer.from(header ?? "", "base64");
  if (given.length !== SHA1_BYTES) return false;
  const names = [...new Set(form.keys())].sort();
  const parameters = names.flatMap((name) =>
    [...new Set(form.getAll(name))].sort().map((value) => name + value),
  );
  const expected = createHmac("sha1", authToken)
    .update(url + parameters.join(""))
    .digest();
  return timingSafeEqual(expected, given);
}

/**
 * Twilio's error codes for sending an SMS, in answers and status callbacks
 * (https://www.twilio.com/docs/api/errors). Titles are ours, because Twilio's wording changes.
 */
export const TWILIO_ERRORS: ErrorTable = errorTable({
  20001: ["bug", "A parameter is unknown"],
  20003: ["fix", "The account SID or the auth token is wrong"],
  20004: ["bug", "The method is not allowed"],
  20005: ["stop", "The Twilio account is not active"],
  20006: ["fix", "Access was denied"],
  20008: ["fix", "Test credentials may not send"],
  20010: ["stop", "Sending is disabled for the Twilio account"],
  20403: ["fix", "The Twilio account may not do this"],
  20404: ["fix", "The Twilio account or sender does not exist"],
  20422: ["bug", "A parameter is invalid"],
  20429: ["backoff", "The Twilio account is over its call rate"],
  20500: ["retry", "Twilio failed internally"],
  20503: ["retry", "Twilio is temporarily unavailable"],
  21211: ["fallback", "The number is not a valid phone number"],
  21212: ["fix", "The sender is not valid"],
  21214: ["fallback", "The number cannot be reached"],
  21217: ["fallback", "The number does not appear to be valid"],
  21219: ["fix", "A trial account may not send to this number"],
  21265: ["fallback", "The number is a short code"],
  21266: ["fallback", "The recipient is the sender"],
  21267: ["fix", "A trial account may not send under a name"],
  21401: ["fix", "The sender cannot send SMS"],
  21407: ["fix", "The sender's type of number cannot send SMS"],
  21408: ["fallback", "The Twilio account may not send to this country"],
  21601: ["fix", "The sender cannot send SMS"],
  21602: ["bug", "The text is missing"],
  21603: ["fix", "Neither a sender nor a messaging service is given"],
  21604: ["bug", "The recipient is missing"],
  21606: ["fix", "The sender cannot send to this destination"],
  21607: ["fix", "A trial account has to send from its sandbox number"],
  21608: ["fix", "A trial account may not send to this number"],
  21609: ["fix", "The callback URL is not valid"],
  21610: ["fallback", "The user has opted out of the sender's messages"],
  21611: ["backoff", "The sender has too many messages waiting"],
  21612: ["fallback", "The number cannot be reached by this sender"],
  21614: ["fallback", "The number is not a mobile number"],
  21617: ["bug", "The text is too long"],
  21635: ["fallback", "The number is a landline"],
  21657: ["fix", "The sender is not valid"],
  21659: ["fix", "The sender is not a Twilio number"],
  21660: ["fix", "The sender belongs to another account"],
  21661: ["fix", "The sender cannot send SMS"],
  21701: ["fix", "The messaging service does not exist"],
  21702: ["fix", "The messaging service is not available"],
  21703: ["fix", "The messaging service has no number to send from"],
  21704: ["fix", "The messaging service has no numbers"],
  21705: ["fix", "The messaging service is not valid"],
  30001: ["backoff", "Too many messages were waiting"],
  30002: ["stop", "The Twilio account is suspended"],
  30003: ["fallback", "The phone is switched off or cannot be reached"],
  30004: ["fallback", "The message was blocked"],
  30005: ["fallback", "The number is unknown"],
  30006: ["fallback", "The number is a landline, or its carrier cannot be reached"],
  30007: ["fallback", "The message was filtered as unwanted"],
  30008: ["fallback", "The carrier failed without a reason"],
  30010: ["fallback", "The message costs more than its limit"],
  30017: ["retry", "The carrier's network is congested"],
  30018: ["fix", "The carrier wants the sender registered"],
  30022: ["backoff", "The sender is over its rate in the United States"],
  30023: ["backoff", "The sender is over its daily limit in the United States"],
  30024: ["fix", "The carrier does not know the sender"],
  30027: ["backoff", "The sender is over its daily limit at T-Mobile"],
  30032: ["fix", "The toll-free sender is not verified"],
  30033: ["stop", "The sender's campaign is suspended"],
  30034: ["fix", "The sender is not registered in the United States"],
  30035: ["fix", "The sender is still being set up"],
  30036: ["fallback", "The message could not be delivered in time"],
  30410: ["retry", "The carrier did not answer in time"],
  30450: ["fallback", "Twilio's fraud protection blocked the message"],
  30453: ["fallback", "Twilio's fraud protection blocked the message"],
});
