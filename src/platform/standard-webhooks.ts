import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";

/**
 * Standard Webhooks (https://www.standardwebhooks.com), both directions, over the platform's own HMAC: the
 * reference package carries a SHA-256 and a base64 of its own, a tenth of what this Worker may weigh. The
 * tests hold each direction against that package.
 */

/** How far a sender's clock may be off; what is older may have been recorded and sent again. */
const TOLERANCE_SECONDS = 300;

const PREFIX = "whsec_";

/**
 * The three headers of a signed request, with one signature for each secret: a receiver that knows any of
 * them is content.
 *
 * @param id The message's, the same in every attempt: receivers recognise repeats by it.
 * @param now When this attempt is made, in milliseconds since the epoch.
 * @param secrets As the standard spells them: `whsec_` and base64.
 */
export function signWebhook(
  id: string,
  now: number,
  body: string,
  secrets: readonly string[],
): Record<string, string> {
  const timestamp = String(Math.floor(now / 1000));
  return {
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": secrets
      .map((secret) => `v1,${mac(id, timestamp, Buffer.from(body), secret).toString("base64")}`)
      .join(" "),
  };
}

/**
 * When a request was signed, in milliseconds since the epoch; null when it was not signed with the secret,
 * or not lately. Compares in constant time, over the raw bytes.
 */
export function verifyWebhook(
  headers: Headers,
  rawBody: Uint8Array,
  secret: string,
  now: number,
): number | null {
  const id = headers.get("webhook-id") ?? "";
  const timestamp = headers.get("webhook-timestamp") ?? "";
  if (id === "" || !/^\d{1,12}$/.test(timestamp)) return null;
  if (Math.abs(now / 1000 - Number(timestamp)) > TOLERANCE_SECONDS) return null;

  const expected = mac(id, timestamp, rawBody, secret);
  const signatures = (headers.get("webhook-signature") ?? "").split(" ");
  const isSignedByMeta = signatures.some((signature) => {
    const [version, text = ""] = signature.split(",");
    const given = Buffer.from(text, "base64");
    return version === "v1" && given.length === expected.length && timingSafeEqual(given, expected);
  });
  return isSignedByMeta ? Number(timestamp) * 1000 : null;
}

function mac(id: string, timestamp: string, body: Uint8Array, secret: string): Buffer {
  const key = Buffer.from(secret.replace(PREFIX, ""), "base64");
  return createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest();
}
