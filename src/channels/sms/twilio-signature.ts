import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";

const SHA1_BYTES = 20;

/**
 * Whether Twilio sent this form: `X-Twilio-Signature` is the HMAC-SHA1, in base64, of the URL as Twilio was
 * given it, followed by each parameter's name and value in the order of the names, under the auth token
 * (https://www.twilio.com/docs/usage/security). Of values that repeat under one name, Twilio's own libraries
 * take each once, in order. Compared in constant time.
 */
export function isSignedByTwilio(
  url: string,
  form: URLSearchParams,
  header: string | null,
  authToken: string,
): boolean {
  const given = Buffer.from(header ?? "", "base64");
  if (given.length !== SHA1_BYTES) return false;
  const names = [...new Set(form.keys())].sort();
  const parameters = names.flatMap((name) =>
    [...new Set(form.getAll(name))].sort().map((value) => name + value),
  );
  const expected = createHmac("sha1", authToken)
    .update(url + parameters.join(""))
    .digest();
  return timingSafeEqual(expected, given);
}
