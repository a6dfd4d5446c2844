import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";

/**
 * Whether Vonage signed these parameters: `sig` is the HMAC-SHA-256, in hex, of `&name=value` for each other
 * parameter in the order of the names, where `&` and `=` within a value count as `_`, under the account's
 * signature secret (https://developer.vonage.com/en/getting-started/concepts/signing-messages). Compared in
 * constant time. The account has to have signed webhooks switched on and SHA-256 HMAC chosen.
 */
export function isSignedByVonage(parameters: ReadonlyMap<string, string>, signatureSecret: string): boolean {
  const hex = /^[0-9a-f]{64}$/i.exec(parameters.get("sig") ?? "")?.[0];
  if (hex === undefined) return false;
  const names = [...parameters.keys()].filter((name) => name !== "sig").sort();
  const signed = names.map((name) => `&${name}=${parameters.get(name)?.replace(/[&=]/g, "_")}`).join("");
  const expected = createHmac("sha256", signatureSecret).update(signed).digest();
  return timingSafeEqual(expected, Buffer.from(hex, "hex"));
}
