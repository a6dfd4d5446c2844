import { isLoopbackHost } from "../platform/secure-url.ts";

const LONGEST = 2000;
/** The characters of RFC 3986, without `*`, which would be read as a wildcard. */
const CHARACTERS = /^[A-Za-z0-9\-._~:/?#[\]@!$&'()+,;=%]+$/;

/**
 * What is wrong with a redirect URI that a client registers; null where it is good: https, http on a loopback, or a
 * private-use scheme with a dot (RFC 8252, section 7.1). Requests are compared with it character by character, so its
 * origin has to be written as browsers write it.
 */
export function faultOfRedirectUri(text: string): string | null {
  if (text.length > LONGEST) return `It has more than ${LONGEST} characters.`;
  if (text.includes("#")) return "It has a fragment.";
  if (text.includes("*")) return "It has a wildcard; register each address.";
  const url = URL.parse(text);
  if (url === null || !CHARACTERS.test(text)) return "It is not an absolute URI in ASCII.";
  if (url.username !== "" || url.password !== "") return "It has a user's name or password.";
  if (url.protocol === "http:" && !isLoopbackHost(url.hostname)) {
    return "Plain http is for this machine only: use https.";
  }
  if (url.protocol === "https:" || url.protocol === "http:") {
    const rest = text.slice(url.origin.length);
    const isCanonical = text.startsWith(url.origin) && (rest === "" || /^[/?]/.test(rest));
    return isCanonical ? null : `Write its origin as ${url.origin}.`;
  }
  const isPrivateUse = url.protocol.includes(".") && text.startsWith(url.protocol);
  return isPrivateUse ? null : "A private-use scheme is lower-case and has a dot, such as com.example.app.";
}

/** What a redirect URI belongs to: the host of an address, or a private-use scheme. */
export function sectorOf(redirectUri: string): string {
  const { protocol, hostname } = new URL(redirectUri);
  return protocol === "https:" || protocol === "http:" ? hostname : protocol.slice(0, -1);
}
