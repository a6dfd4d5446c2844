import * as z from "zod";
import { fromCallbackData } from "../../ids/callback-data.ts";
import { readJson } from "../../platform/json.ts";
import { signWebhook, verifyWebhook } from "../../platform/standard-webhooks.ts";
import type { StatusUpdate } from "../channel.ts";
import type { ErrorClass, ProviderError } from "../failure.ts";
import { messageError } from "../failure.ts";
import { type Attempt, type ProviderAnswer, post } from "../provider-call.ts";
import { type SmsGateway, unknownError } from "./gateway.ts";

export interface HttpGatewaySettings {
  readonly url: string;
  /** In Standard Webhooks' format: `whsec_` and base64. Signs both directions. */
  readonly secret: string;
}

const identifier = z.string().regex(/^[\w.:-]{1,128}$/);
const accepted = z.object({ id: identifier });
/** RFC 9457, with the gateway's own error code where it has one. */
const problem = z.object({ code: identifier });

const status = z.object({
  ref: z.string(),
  id: identifier.optional(),
  status: z.enum(["sent", "delivered", "read", "failed"]),
  error_code: identifier.optional(),
});

/** Classifies a rejection by its HTTP status. Redirects are not followed, so nothing was sent. */
function classOf(httpStatus: number): readonly [ErrorClass, string] {
  if (httpStatus >= 500 || httpStatus === 408) return ["retry", "The SMS gateway failed"];
  if (httpStatus === 429) return ["backoff", "The SMS gateway is over its rate"];
  if (httpStatus === 402) return ["stop", "The SMS gateway requires payment"];
  if (httpStatus === 401 || httpStatus === 403)
    return ["fix", "The SMS gateway did not accept the signature"];
  if (httpStatus < 400 || [404, 405, 410].includes(httpStatus))
    return ["fix", "There is no SMS gateway at the configured address"];
  return ["fallback", "The SMS gateway refused the message"];
}

/**
 * Any HTTP gateway, signed with Standard Webhooks (https://www.standardwebhooks.com) in both directions:
 *
 * - We post `{ "id", "to", "text" }`. Any 2xx accepts the message; the answer may hold the gateway's own `{
 *   "id" }`. Our `id`, also sent as `webhook-id`, identifies the message, so that a repeat is sent once.
 * - The gateway posts `{ "ref", "id", "status", "error_code" }`, where `ref` is our id and `status` is sent,
 *   delivered, read or failed.
 */
export function httpGateway({ url, secret }: HttpGatewaySettings): SmsGateway {
  return {
    name: "http",
    send({ to, text, callbackData }, signal) {
      const body = JSON.stringify({ id: callbackData, to, text });
      const headers = {
        "content-type": "application/json",
        ...signWebhook(callbackData, Date.now(), body, [secret]),
      };
      return post("http", { url, headers, body }, signal, (answer) => readAnswer(answer, callbackData));
    },
    readUpdates({ headers, rawBody }) {
      const signedAt = verifyWebhook(headers, rawBody, secret);
      return signedAt === null ? null : readStatus(new TextDecoder().decode(rawBody), signedAt);
    },
  };
}

function readAnswer({ status: httpStatus, body }: ProviderAnswer, callbackData: string): Attempt {
  if (httpStatus >= 200 && httpStatus < 300) {
    return { kind: "accepted", providerMessageId: accepted.safeParse(body).data?.id ?? callbackData };
  }
  const [errorClass, title] = classOf(httpStatus);
  const code = problem.safeParse(body).data?.code ?? `http_${httpStatus}`;
  const error: ProviderError = { code, class: errorClass, title };
  return { kind: "error", error };
}

function readStatus(text: string, at: number): StatusUpdate[] {
  const parsed = status.safeParse(readJson(text));
  const message = parsed.success ? fromCallbackData(parsed.data.ref) : null;
  if (!parsed.success || message === null) return [];
  const { id, ref, status: reached, error_code: code } = parsed.data;
  const error = code === undefined ? null : messageError(unknownError(code, 200));
  const update = { message, providerMessageId: id ?? ref, status: reached, at, error, pricing: null };
  return [{ update, recipient: null }];
}
