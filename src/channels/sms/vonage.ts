import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";
import * as z from "zod";
import { fromCallbackData } from "../../ids/callback-data.ts";
import { parseWaId } from "../../numbering/subscriber.ts";
import { readJson } from "../../platform/json.ts";
import type { StatusUpdate } from "../channel.ts";
import { messageError } from "../failure.ts";
import { type Attempt, type ProviderAnswer, post } from "../provider-call.ts";
import { classifyBy, type ErrorTable, errorTable, type SmsCallback, type SmsGateway } from "./gateway.ts";
import { isInGsmAlphabet } from "./text.ts";

export interface VonageSettings {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly from: string;
  /** URL for delivery receipts and the secret that signs them; null requests none. */
  readonly callback: { readonly url: string; readonly signatureSecret: string } | null;
}

/** One entry per SMS part of the text. */
const answer = z.object({
  messages: z.array(z.object({ status: z.string(), "message-id": z.string().optional() })).min(1),
});

/** Message status by receipt status; `unknown` is ignored. */
const STATUSES = {
  accepted: "sent",
  buffered: "sent",
  delivered: "delivered",
  failed: "failed",
  rejected: "failed",
  expired: "failed",
} as const;

const receipt = z.object({
  messageId: z.string().min(1),
  status: z.enum(["accepted", "buffered", "delivered", "failed", "rejected", "expired"]),
  "err-code": z
    .string()
    .regex(/^\d{1,6}$/)
    .optional(),
  "client-ref": z.string().optional(),
  msisdn: z.string().optional(),
  /** In UTC. */
  "message-timestamp": z.string().default(""),
});

/**
 * Vonage's SMS API (https://developer.vonage.com/en/api/sms). It has no idempotency key; `client-ref` returns
 * our callback data.
 */
export function vonageGateway({ baseUrl, apiKey, apiSecret, from, callback }: VonageSettings): SmsGateway {
  const url = `${baseUrl}/sms/json`;
  const headers = {
    authorization: `Basic ${Buffer.from(`${apiKey}:${apiSecret}`).toString("base64")}`,
    "content-type": "application/x-www-form-urlencoded",
  };
  return {
    name: "vonage",
    send({ to, text, callbackData }, signal) {
      const form = {
        from,
        to: to.slice(1),
        text,
        type: isInGsmAlphabet(text) ? "text" : "unicode",
        "client-ref": callbackData,
        "status-report-req": String(callback !== null),
        ...(callback === null ? {} : { callback: callback.url }),
      };
      const body = new URLSearchParams(form).toString();
      return post("vonage", { url, headers, body }, signal, readAnswer);
    },
    readUpdates(request) {
      const parameters = parametersOf(request);
      if (callback === null || !isSignedByVonage(parameters, callback.signatureSecret)) return null;
      return readReceipt(Object.fromEntries(parameters));
    },
  };
}

/** Vonage always answers 200. If one part of a text was rejected, the user did not receive the whole. */
function readAnswer({ status, body }: ProviderAnswer): Attempt | null {
  const parsed = answer.safeParse(body);
  if (!parsed.success) return null;
  const { messages } = parsed.data;
  const failed = messages.find((message) => message.status !== "0");
  if (failed) return { kind: "error", error: classifyBy(VONAGE_ERRORS, failed.status, status) };
  const providerMessageId = messages[0]?.["message-id"];
  return providerMessageId === undefined ? null : { kind: "accepted", providerMessageId };
}

const fields = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String));

/** Accounts choose the receipts' format: JSON, a form, or query parameters. */
function parametersOf({ url, headers, rawBody }: SmsCallback): Map<string, string> {
  const text = new TextDecoder().decode(rawBody);
  const isJson = headers.get("content-type")?.includes("json") ?? false;
  const body = isJson
    ? Object.entries(fields.safeParse(readJson(text)).data ?? {})
    : new URLSearchParams(text);
  return new Map([...new URL(url).searchParams, ...body]);
}

function readReceipt(parameters: object): StatusUpdate[] {
  const parsed = receipt.safeParse(parameters);
  if (!parsed.success) return [];
  const { messageId, status, "err-code": code = "0", msisdn = "", "message-timestamp": time } = parsed.data;
  const message = fromCallbackData(parsed.data["client-ref"] ?? "");
  const error = code === "0" ? null : messageError(classifyBy(VONAGE_RECEIPT_ERRORS, code));
  const at = Date.parse(`${time.replace(" ", "T")}Z`) || Date.now();
  const update = {
    message,
    providerMessageId: messageId,
    status: STATUSES[status],
    at,
    error,
    pricing: null,
  };
  return [{ update, recipient: message ? null : parseWaId(msisdn) }];
}

/**
 * Verifies Vonage's signature: `sig` is the hex HMAC-SHA-256, under the account's signature secret, of
 * `&name=value` for each other parameter in order of the names, with `&` and `=` in values replaced by `_`
 * (https://developer.vonage.com/en/getting-started/concepts/signing-messages). Compared in constant time. The
 * account must have signed webhooks enabled with SHA-256 HMAC.
 */
export function isSignedByVonage(parameters: ReadonlyMap<string, string>, signatureSecret: string): boolean {
  const hex = /^[0-9a-f]{64}$/i.exec(parameters.get("sig") ?? "")?.[0];
  if (hex === undefined) return false;
  const names = [...parameters.keys()].filter((name) => name !== "sig").sort();
  const signed = names.map((name) => `&${name}=${parameters.get(name)?.replace(/[&=]/g, "_")}`).join("");
  const expected = createHmac("sha256", signatureSecret).update(signed).digest();
  return timingSafeEqual(expected, Buffer.from(hex, "hex"));
}

/** Codes of an answer's `status` (https://developer.vonage.com/en/api-errors/sms). Titles are ours. */
export const VONAGE_ERRORS: ErrorTable = errorTable({
  1: ["backoff", "The Vonage account is over its throughput"],
  2: ["bug", "A parameter is missing"],
  3: ["bug", "A parameter is invalid"],
  4: ["fix", "The API key or its secret is wrong"],
  5: ["retry", "Vonage failed internally"],
  6: ["fallback", "Vonage cannot reach this number"],
  7: ["fallback", "The number is barred"],
  8: ["stop", "The Vonage account is suspended"],
  9: ["stop", "The Vonage account has no credit left"],
  10: ["backoff", "The Vonage account has too many connections"],
  11: ["fix", "The Vonage account is not set up for its SMS API"],
  12: ["bug", "The text is too long"],
  14: ["fix", "The signature is wrong"],
  15: ["fix", "The sender is not allowed"],
  17: ["fallback", "The carrier blocked the message"],
  22: ["bug", "The network code is invalid"],
  23: ["fix", "The callback URL is not valid"],
  29: ["fix", "A trial account may not send to this number"],
  32: ["bug", "A signed request carried the API secret"],
  33: ["fallback", "The number is deactivated"],
});

/**
 * Codes of a delivery receipt's `err-code`, numbered independently of the answers'
 * (https://developer.vonage.com/en/messaging/sms/guides/delivery-receipts, "DLR error codes").
 */
export const VONAGE_RECEIPT_ERRORS: ErrorTable = errorTable({
  1: ["fallback", "The carrier failed without a reason"],
  2: ["fallback", "The phone is switched off or cannot be reached"],
  3: ["fallback", "The number is no longer in use"],
  4: ["fallback", "The user's carrier bars SMS to the number"],
  5: ["fallback", "The number was ported and cannot be found"],
  6: ["fallback", "The message was filtered as unwanted"],
  7: ["retry", "The phone was busy"],
  8: ["retry", "The carrier's network failed"],
  9: ["fallback", "The user does not want messages from this sender"],
  10: ["bug", "A parameter of the message is wrong"],
  11: ["fallback", "Vonage found no route to the number"],
  12: ["fallback", "The number cannot be reached"],
  13: ["fallback", "The user's age does not allow the message"],
  14: ["fallback", "The user's carrier blocks SMS to the number"],
  15: ["fallback", "The user's prepaid account is empty"],
  16: ["backoff", "The sender is over the carrier's quota"],
  39: ["fix", "The sender is not allowed in the United States"],
  41: ["backoff", "The sender is over its daily limit"],
  50: ["fix", "The sender's entity is not registered with the carrier"],
  51: ["fix", "The sender is not registered with the carrier"],
  52: ["fix", "The text is not registered with the carrier"],
  53: ["fallback", "The user has not agreed to such messages"],
  54: ["fix", "A regulation of the country forbids the message"],
  99: ["fallback", "The carrier failed without a reason"],
});
