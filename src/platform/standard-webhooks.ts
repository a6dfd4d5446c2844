import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";

/**
 * Signatures by Standard Webhooks (https://www.standardwebhooks.com), of which the runtime has everything: the reference
 * implementation brings a SHA-256 and a base64 of its own, 5 KB of the compressed bundle. The tests compare with it.
 */

const SECRET_PREFIX = "whsec_";
const TOLERANCE_SECONDS = 300;

/**
 * Signs a request, with one signature per secret: a receiver accepts it that knows any of them, which is what makes a
 * rotation of secrets possible.
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
  const timestamp = String(Math.floor(now / 1000));
  const signatures = secrets.map((secret) => `v1,${macOf(id, timestamp, body, secret).toString("base64")}`);
  return {
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": signatures.join(" "),
  };
}

/**
 * Verifies the signature of a request and that it was signed within five minutes of now.
 *
 * @returns When the request was signed, in milliseconds since the epoch; null when the signature is not valid.
 */
export function verifyWebhook(headers: Headers, rawBody: Uint8Array, secret: string): number | null {
  const id = headers.get("webhook-id") ?? "";
  const timestamp = headers.get("webhook-timestamp") ?? "";
  if (id === "" || !/^\d{1,12}$/.test(timestamp)) return null;
  const age = Math.floor(Date.now() / 1000) - Number(timestamp);
  if (Math.abs(age) > TOLERANCE_SECONDS) return null;
  const expected = macOf(id, timestamp, rawBody, secret);
  const signatures = (headers.get("webhook-signature") ?? "").split(" ");
  return signatures.some((signature) => isOf(expected, signature)) ? Number(timestamp) * 1000 : null;
}

function macOf(id: string, timestamp: string, body: string | Uint8Array, secret: string): Buffer {
  const encoded = secret.startsWith(SECRET_PREFIX) ? secret.slice(SECRET_PREFIX.length) : secret;
  const hmac = createHmac("sha256", Buffer.from(encoded, "base64"));
  return hmac.update(`${id}.${timestamp}.`).update(body).digest();
}

/** A signature of another version than the first is passed over. */
function isOf(expected: Buffer, signature: string): boolean {
  const [version, encoded = ""] = signature.split(",");
  const given = Buffer.from(encoded, "base64");
  return version === "v1" && given.length === expected.length && timingSafeEqual(given, expected);
}
