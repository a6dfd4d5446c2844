import ipaddr from "ipaddr.js";
import { isLoopbackHost, isSecureUrl } from "../platform/secure-url.ts";

export type AddressCheck =
  | { readonly kind: "good"; readonly url: string }
  | { readonly kind: "refused"; readonly because: string };

/** Longer than any real receiver's address. */
const MAX_URL_LENGTH = 2048;

/**
 * Names that resolve inside a network only: those that RFC 6761, 6762, 7686, 8375 and 9476 reserve, ICANN's
 * `.internal`, and those that ICANN's name-collision study found in use.
 */
const PRIVATE_NAMES =
  /(^|\.)(localhost|local|localdomain|internal|intranet|private|corp|home|lan|home\.arpa|test|invalid|example|onion|alt)$/;

/** The space of assigned global unicast addresses. IPv4-compatible addresses, for example, are outside of it. */
const GLOBAL_UNICAST_IPV6 = "2000::/3";

/** Azure's metadata and platform service, on an address that is otherwise ordinary. */
const AZURE_PLATFORM = "168.63.129.16";

/**
 * Decides whether a URL may be an endpoint's address, so that this service cannot be made to call hosts that only it
 * can reach (OWASP API7:2023, server-side request forgery). It judges the URL as `fetch` reads it: the parser has
 * already normalized decimal, octal, hexadecimal and full-width spellings. A public name may still resolve to a
 * private address, which is not looked up here: requests leave from Cloudflare's public network. The compatibility flag
 * `global_fetch_strictly_public` keeps them from reaching origins of the team's own zone past its front door.
 *
 * @param allowLoopback For development: accepts plain http to this machine.
 */
export function checkAddress(text: string, allowLoopback: boolean): AddressCheck {
  const url = text.length <= MAX_URL_LENGTH && URL.canParse(text) ? new URL(text) : null;
  if (url === null) return refused(`Give an absolute URL of at most ${MAX_URL_LENGTH} characters.`);
  if (url.username !== "" || url.password !== "") return refused("The URL must not hold credentials.");
  if (text.includes("#")) return refused("The URL must not have a fragment.");

  const host = url.hostname.replace(/\.+$/, "");
  if (allowLoopback && isLoopbackHost(host) && isSecureUrl(text)) return { kind: "good", url: url.href };
  if (url.protocol !== "https:") return refused("The URL must begin with https://.");
  if (url.port !== "" && Number(url.port) < 1024) return refused("The port must be 443, or 1024 and above.");
  return isPublic(host)
    ? { kind: "good", url: url.href }
    : refused("The host must be on the public internet.");
}

function isPublic(host: string): boolean {
  const address = addressOf(host);
  if (address === null) return host.includes(".") && !PRIVATE_NAMES.test(host);
  // Every range with a special purpose in IANA's registries (RFC 6890 and its updates) has a name of its own.
  if (address.range() !== "unicast" || address.toString() === AZURE_PLATFORM) return false;
  return address.kind() === "ipv4" || address.match(ipaddr.parseCIDR(GLOBAL_UNICAST_IPV6));
}

/** The IP address that a URL's host is; null when it is a name. */
function addressOf(host: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  const text = host.startsWith("[") ? host.slice(1, -1) : host;
  return ipaddr.isValid(text) ? ipaddr.parse(text) : null;
}

function refused(because: string): AddressCheck {
  return { kind: "refused", because };
}
