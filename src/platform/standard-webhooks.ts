import { Webhook, WebhookVerificationError } from "standardwebhooks";

/** Keeps a byte order mark and rejects invalid UTF-8, so that text stands for exactly one sequence of bytes. */
const UTF8 = { fatal: true, ignoreBOM: true };

/**
 * Signs a request by Standard Webhooks (https://www.standardwebhooks.com), with one signature per secret: a receiver
 * accepts it that knows any of them, which is what makes a rotation of secrets possible.
 *
 * @param id The message's id, the same in every attempt: receivers detect repeats by it.
 * @param now When this attempt is made, in milliseconds since the epoch.
 * @param secrets `whsec_` and base64 each.
 * @returns The headers of the request.
 */
export function signWebhook(
  id: string,
  now: number,
  body: string,
  secrets: readonly string[],
): Record<string, string> {
  const signatures = secrets.map((secret) => new Webhook(secret).sign(id, new Date(now), body));
  return {
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(now / 1000)),
    "webhook-signature": signatures.join(" "),
  };
}

/**
 * Verifies the signature of a request and that it was signed within five minutes of now.
 *
 * @returns When the request was signed, in milliseconds since the epoch; null when the signature is not valid.
 */
export function verifyWebhook(headers: Headers, rawBody: Uint8Array, secret: string): number | null {
  const timestamp = headers.get("webhook-timestamp") ?? "";
  const signed = {
    "webhook-id": headers.get("webhook-id") ?? "",
    "webhook-timestamp": timestamp,
    "webhook-signature": headers.get("webhook-signature") ?? "",
  };
  const body = decode(rawBody);
  // The library reads the leading digits of the timestamp and ignores what follows.
  if (body === null || !/^\d{1,12}$/.test(timestamp)) return null;
  try {
    new Webhook(secret).verify(body, signed, { jsonParse: false });
    return Number(timestamp) * 1000;
  } catch (error) {
    if (error instanceof WebhookVerificationError) return null;
    throw error;
  }
}

/** The library signs text, so bytes that are not UTF-8 cannot be verified. */
function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", UTF8).decode(bytes);
  } catch {
    return null;
  }
}
