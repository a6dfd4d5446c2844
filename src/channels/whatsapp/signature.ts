import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";

/**
 * Whether Meta sent these bytes: `X-Hub-Signature-256` is the HMAC-SHA-256 of the raw body under the app
 * secret (Graph API, "Webhooks: Getting Started"). Compared in constant time, before anything is parsed.
 */
export function isSigned(rawBody: Uint8Array, header: string | undefined, appSecret: string): boolean {
  const hex = /^sha256=([0-9a-f]{64})$/i.exec(header ?? "")?.[1];
  if (hex === undefined) return false;
  const expected = createHmac("sha256", appSecret).update(rawBody).digest();
  return timingSafeEqual(expected, Buffer.from(hex, "hex"));
}
