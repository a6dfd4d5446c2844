import { Buffer } from "node:buffer";
import * as z from "zod";
import { fromCallbackData } from "../../ids/callback-data.ts";
import { parseWaId } from "../../numbering/e164.ts";
import { readJson } from "../../platform/json.ts";
import { type Attempt, type ProviderAnswer, post } from "../provider-call.ts";
import { messageError, type StatusUpdate } from "../status-update.ts";
import { classifyBy } from "./error-table.ts";
import type { SmsCallback, SmsGateway } from "./gateway.ts";
import { isInGsmAlphabet } from "./gsm-alphabet.ts";
import { VONAGE_ERRORS, VONAGE_RECEIPT_ERRORS } from "./vonage-errors.ts";
import { isSignedByVonage } from "./vonage-signature.ts";

export interface VonageSettings {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly from: string;
  /** Where delivery receipts go and the secret that signs them; null asks for none. */
  readonly callback: { readonly url: string; readonly signatureSecret: string } | null;
}

/** A text of several SMS gets one entry for each. */
const answer = z.object({
  messages: z.array(z.object({ status: z.string(), "message-id": z.string().optional() })).min(1),
});

/** What a status means for the message; `unknown` says nothing. */
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
  /** UTC. */
  "message-timestamp": z.string().default(""),
});

/**
 * Vonage's SMS API (https://developer.vonage.com/en/api/sms). It has no idempotency key; `client-ref`
 * brings our reference back.
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
        ...(callback && { callback: callback.url }),
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

/** Vonage answers 200 to everything; a text of which one part was refused did not reach the user whole. */
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

/** An account chooses how its receipts come: as JSON, as a form, or all of it in the query. */
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
