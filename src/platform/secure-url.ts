import * as z from "zod";

/**
 * The one rule for addresses that secrets, codes or phone numbers are sent to: https, or plain http to this
 * machine, where no network carries them.
 */
export function isSecureUrl(text: string): boolean {
  const { protocol, hostname = "" } = URL.parse(text) ?? {};
  return protocol === "https:" || (protocol === "http:" && isLoopbackHost(hostname));
}

/** True for a host that is this machine itself, as `URL` normalizes it: 127.0.0.0/8, ::1 and localhost (RFC 6761). */
export function isLoopbackHost(hostname: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])\.?$/.test(hostname);
}

/** A setting with the address of a page that users are led to. */
export const httpsAddress = z
  .url({ protocol: /^https$/, error: "is not an https address" })
  .max(2048, "is too long");

/**
 * A setting that holds an address as {@link isSecureUrl} has it.
 *
 * @param error For a text that is not a URL at all.
 */
export function secureUrl(error: string) {
  return z
    .url({ protocol: /^https?$/, error })
    .refine(isSecureUrl, "would send secrets or codes unencrypted: use https, or http on this machine only");
}

/** Whether a URL leads to this machine; false for what is no URL. */
export function isLoopbackUrl(url: string): boolean {
  return isLoopbackHost(URL.parse(url)?.hostname ?? "");
}
