import { isPublicIPv4, isPublicIPv6 } from "./ip.ts";

export type AddressCheck =
  | { readonly kind: "good"; readonly url: string }
  | { readonly kind: "refused"; readonly because: string };

/** Receivers cut longer ones, and D1 is no place for them. */
const LONGEST_URL = 2048;

/**
 * Names that mean something inside a network only: those that RFC 6761, 6762, 7686, 8375 and 9476 reserve,
 * ICANN's `.internal`, and the home-made ones that ICANN's name-collision study found in use.
 */
const INNER_NAMES =
  /(^|\.)(localhost|local|localdomain|internal|intranet|private|corp|home|lan|home\.arpa|test|invalid|example|onion|alt)$/;

/**
 * Decides whether a URL may be an endpoint's, so that nobody makes this service call a machine that only it
 * can reach (OWASP API7:2023). It judges the URL as `fetch` will read it: the parser has undone decimal,
 * octal, hexadecimal and full-width spellings by then. A public name may still resolve to a private
 * address; that is what the Worker's `global_fetch_strictly_public` is for.
 *
 * @param allowLoopback In development, plain http to this machine is what a receiver under test has.
 */
export function checkAddress(text: string, allowLoopback: boolean): AddressCheck {
  const url = text.length <= LONGEST_URL && URL.canParse(text) ? new URL(text) : null;
  if (url === null) return refused(`Give an absolute URL of at most ${LONGEST_URL} characters.`);
  if (url.username !== "" || url.password !== "") return refused("The URL must not hold credentials.");
  if (text.includes("#")) return refused("The URL must not have a fragment.");

  const host = url.hostname.replace(/\.+$/, "");
  if (allowLoopback && isLoopback(host) && /^https?:$/.test(url.protocol))
    return { kind: "good", url: url.href };
  if (url.protocol !== "https:") return refused("The URL must begin with https://.");
  if (url.port !== "" && Number(url.port) < 1024) return refused("The port must be 443, or 1024 and above.");
  return isPublic(host)
    ? { kind: "good", url: url.href }
    : refused("The host must be on the public internet.");
}

function isPublic(host: string): boolean {
  if (host.startsWith("[")) return isPublicIPv6(host.slice(1, -1));
  if (/^[\d.]+$/.test(host)) return isPublicIPv4(host);
  return host.includes(".") && !INNER_NAMES.test(host);
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(host);
}

function refused(because: string): AddressCheck {
  return { kind: "refused", because };
}
