import { Webhook } from "standardwebhooks";
import type { WebhookEvent } from "./generated/types.ts";

export type * from "./generated/types.ts";

/** Headers as `fetch`'s `Headers` or as Node's `request.headers` have them. */
export type WebhookHeaders = Headers | Readonly<Record<string, string | readonly string[] | undefined>>;

/** The request is not from your deployment, or is older than five minutes: answer it with a 4xx. */
export class WebhookVerificationError extends Error {
  override readonly name = "WebhookVerificationError";
}

/**
 * Verifies a webhook request (Standard Webhooks) and reads its event:
 *
 * ```ts
 * const event = verifyEvent(await request.text(), request.headers, process.env.SANDI_WEBHOOK_SECRET);
 * if (event.type === "verification.approved") await markVerified(event.data.to);
 * ```
 *
 * An event may arrive more than once: drop those whose header `webhook-id` you have seen. Your deployment may be newer
 * than this package, so treat a `type` that you do not know as one that you do not need.
 *
 * @param body The request's body, byte for byte: not parsed and serialized again.
 * @param secret The endpoint's secret (`whsec_…`); several while you change it.
 * @throws WebhookVerificationError when no secret fits, a header is missing or the request is too old.
 * @throws TypeError without a secret, or for a text that is none.
 */
export function verifyEvent(
  body: string | Uint8Array,
  headers: WebhookHeaders,
  secret: string | readonly string[] | undefined,
): WebhookEvent {
  const text = typeof body === "string" ? body : new TextDecoder().decode(body);
  const given = toRecord(headers);
  const webhooks = [secret ?? []].flat().map(toWebhook);
  if (webhooks.length === 0) throw new TypeError("Give the webhook endpoint's secret");
  let fault: unknown;
  for (const webhook of webhooks) {
    try {
      return webhook.verify(text, given) as WebhookEvent;
    } catch (error) {
      fault = error;
    }
  }
  const message = fault instanceof Error ? fault.message : "The signature does not fit";
  throw new WebhookVerificationError(message, { cause: fault });
}

function toWebhook(secret: string): Webhook {
  try {
    return new Webhook(secret);
  } catch (error) {
    throw new TypeError("A webhook secret begins with whsec_ and continues in base64", { cause: error });
  }
}

function toRecord(headers: WebhookHeaders): Record<string, string> {
  const entries = Symbol.iterator in headers ? [...headers] : Object.entries(headers);
  return Object.fromEntries(entries.map(([name, value]) => [name, `${value ?? ""}`]));
}
