import { Webhook } from "standardwebhooks";
import type { WebhookEvent } from "./generated/types.ts";

export type * from "./generated/types.ts";

/** Headers as `fetch`'s `Headers` or as Node's `request.headers` have them. */
export type WebhookHeaders = Headers | Readonly<Record<string, string | readonly string[] | undefined>>;

/** An event with the id under which every attempt sends it: drop those whose id you have seen. */
export type IdentifiedEvent = WebhookEvent & { readonly id: string };

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
 * An endpoint that takes batches needs {@link verifyEvents}.
 *
 * @param body The request's body, byte for byte: not parsed and serialized again.
 * @param secret The endpoint's secret (`whsec_…`); several while you change it.
 * @throws WebhookVerificationError when no secret fits, a header is missing or the request is too old.
 * @throws TypeError without a secret, for a text that is none, or for a batch.
 */
export function verifyEvent(
  body: string | Uint8Array,
  headers: WebhookHeaders,
  secret: string | readonly string[] | undefined,
): WebhookEvent {
  const content = verify(body, headers, secret);
  // Taken for an event of an unknown type, all that it has would be lost.
  if (isBatch(content)) throw new TypeError("The endpoint takes batches: read them with verifyEvents");
  return content;
}

/**
 * Verifies a webhook request as {@link verifyEvent} does and reads its events: those of a batch in their order, or the
 * only one, so that an endpoint may begin or cease to take batches at any time.
 *
 * ```ts
 * for (const event of verifyEvents(await request.text(), request.headers, process.env.SANDI_WEBHOOK_SECRET)) {
 *   if (await isNew(event.id)) await handle(event);
 * }
 * ```
 *
 * Answer 2xx once all of them are stored; after anything else they all come again.
 *
 * @throws WebhookVerificationError when no secret fits, a header is missing or the request is too old.
 * @throws TypeError without a secret, or for a text that is none.
 */
export function verifyEvents(
  body: string | Uint8Array,
  headers: WebhookHeaders,
  secret: string | readonly string[] | undefined,
): IdentifiedEvent[] {
  const content = verify(body, headers, secret);
  if (isBatch(content)) return content.data;
  const { "webhook-id": id = "" } = toRecord(headers);
  return [Object.assign(content, { id })];
}

interface Batch {
  readonly type: "batch";
  readonly data: IdentifiedEvent[];
}

function isBatch(content: WebhookEvent | Batch): content is Batch {
  return content.type === "batch";
}

function verify(
  body: string | Uint8Array,
  headers: WebhookHeaders,
  secret: string | readonly string[] | undefined,
): WebhookEvent | Batch {
  const text = typeof body === "string" ? body : new TextDecoder().decode(body);
  const given = toRecord(headers);
  const webhooks = [secret ?? []].flat().map(toWebhook);
  if (webhooks.length === 0) throw new TypeError("Give the webhook endpoint's secret");
  let fault: unknown;
  for (const webhook of webhooks) {
    try {
      return webhook.verify(text, given) as WebhookEvent | Batch;
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
  return Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), `${value ?? ""}`]));
}
